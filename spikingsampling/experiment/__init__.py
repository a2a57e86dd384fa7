"""The frame of a protocol: configuration, run, run directory, metrics."""
