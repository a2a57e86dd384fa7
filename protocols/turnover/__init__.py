"""Turnover of synapses."""
