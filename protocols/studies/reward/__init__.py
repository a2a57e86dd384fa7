"""Measures and figures of the protocols in `protocols/reward`."""
