"""Restricted Boltzmann machines with synaptic sampling, and deep belief networks."""
