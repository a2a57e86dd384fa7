"""Sampling from known posteriors."""
