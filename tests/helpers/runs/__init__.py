"""Runs and recordings for tests: to be watched, killed, resumed, reported and compared."""
