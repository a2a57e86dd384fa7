"""Networks that hold a direction: the spiking one of Compte et al., and a ring whose synapses sample."""
