"""What the experiments on the geometry of plasticity measure and draw."""
