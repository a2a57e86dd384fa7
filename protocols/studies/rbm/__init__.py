"""What the protocols with restricted Boltzmann machines share: settings, patterns, training, measures, figures."""
