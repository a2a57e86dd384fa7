"""The programs that take turns in a benchmark of the simulator: ours, and what it is compared with."""
