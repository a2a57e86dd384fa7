"""Sampling from a posterior: priors, the stochastic differential equation of the parameters, diagnostics of chains."""
