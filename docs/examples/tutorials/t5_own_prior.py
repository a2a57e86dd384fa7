"""
Your own prior and rule in your own network
===========================================

A prior says what a synapse does when nothing teaches it. Any object with four members is one. A rule says what a spike
does to a synapse; it is a piece of Brian2 code.
"""

from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.network.rules import SamplingRule

# %%
# A prior
# -------
# A Cauchy distribution: most synapses stay near the middle, and a few may go far. The gradient is needed twice. Once in
# NumPy, and once as a Brian2 expression in ``theta``, which is compiled into the network.


@dataclass(frozen=True)
class CauchyPrior:
    """Cauchy distribution around ``mean``."""

    mean: float = 0.5
    scale: float = 0.5

    @property
    def grad_log_density_code(self):
        """The gradient in Brian2."""
        return f"-2*(theta - {self.mean})/({self.scale}**2 + (theta - {self.mean})**2)"

    def log_density(self, theta):
        """Logarithm of the density."""
        z = (np.asarray(theta) - self.mean) / self.scale
        return -np.log1p(z**2) - np.log(np.pi * self.scale)

    def grad_log_density(self, theta):
        """Its derivative."""
        distance = np.asarray(theta) - self.mean
        return -2 * distance / (self.scale**2 + distance**2)

    def sample(self, rng, size):
        """Independent draws."""
        return self.mean + self.scale * rng.standard_cauchy(size)


# %%
# Is the gradient right? Compare it with differences of the density before you trust a simulation:

prior, theta = CauchyPrior(), np.linspace(-3, 3, 7)
difference = (prior.log_density(theta + 1e-6) - prior.log_density(theta - 1e-6)) / 2e-6
np.testing.assert_allclose(prior.grad_log_density(theta), difference, atol=1e-8)

# %%
# A rule
# ------
# A rule is a class whose ``code`` gives equations. This one is synaptic sampling with a ceiling: a spike cannot make a
# parameter larger than ``ceiling``. The weight e^{θ−θ0} is kept beside θ and has to follow it.


@dataclass(frozen=True)
class SamplingBelow(SamplingRule):
    """Synaptic sampling with an upper bound of θ."""

    ceiling: float = 3.0

    def code(self, parameters):
        """The code of synaptic sampling, and the bound."""
        code = super().code(parameters)
        bound = f"\ntheta = clip(theta, theta_floor, {self.ceiling})\nweight = intact*exp(theta - theta_0)\n"
        return replace(code, on_post=code.on_post + bound)


# %%
# A network of two layers
# -----------------------
# Which neurons are joined is up to you: :func:`~spikingsampling.network.description.connect` takes a mask. Here the
# second layer hears only the first half of the first layer.

inputs = ss.Source("inputs", 60)
first, second = ss.Population("first", 2, 5), ss.Population("second", 1, 4)
mask = np.zeros((first.size, second.size), bool)
mask[:5] = True
projections = [ss.all_to_all(inputs, first), ss.connect("first_to_second", "first", "second", mask)]
circuit = ss.CircuitParameters(prior=prior, b="1e-3 /s", adaptation=-1)
network = ss.Network([inputs], [first, second], projections, circuit, rule=SamplingBelow())

rng = np.random.default_rng(1)
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(3, 60)), labels=np.arange(3))})
items = rng.integers(3, size=900)
with ss.Simulation(network, stimuli, seed=1) as simulation:
    theta_before = simulation.theta("inputs_to_first")
    simulation.present({"inputs": items}, learning="sampling")
    theta_after = simulation.theta("inputs_to_first")

# %%
# Prior and noise act once a second and know nothing of the ceiling. So a parameter may lie a little above it until its
# neuron fires next.

figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
bins = np.linspace(-6, 6, 61)
ax.hist(theta_before.clip(-6, 6), bins, alpha=0.6, density=True, label="before, drawn from the prior")
ax.hist(theta_after.clip(-6, 6), bins, alpha=0.6, density=True, label="after three minutes")
ax.plot(bins, np.exp(prior.log_density(bins)), color="black", lw=1, label="prior")
ax.set(xlabel="θ (what lies outside is put at the ends)", ylabel="density")
ax.legend()
plt.show()
