"""The association network: circuits that see, circuits that hear, and synapses between them."""
