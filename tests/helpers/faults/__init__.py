"""A file layer that fails at a call of choice, and runs upon it."""
