"""What the experiments with layered networks measure and draw."""
