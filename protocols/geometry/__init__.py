"""Experiments on the geometry of plasticity."""
