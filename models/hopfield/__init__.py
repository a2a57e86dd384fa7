"""Hopfield networks: storage rules, dynamics, patterns, theory."""
