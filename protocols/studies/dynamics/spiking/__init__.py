"""Spiking networks: what is measured and drawn of their activity."""
