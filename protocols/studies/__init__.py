"""What the protocols measure, draw and tabulate: one folder per family."""
