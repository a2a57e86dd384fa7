"""STDP in circuits: its equations."""
