"""Layered networks: pruning and rewiring, deep belief networks, networks that evolve."""
