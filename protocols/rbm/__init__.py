"""The restricted Boltzmann machine of the student report, figure by figure."""
