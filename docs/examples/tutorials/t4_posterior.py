r"""
Posterior and temperature
=========================

Synaptic sampling is a stochastic differential equation, here read after Itô,

.. math::

    d\theta = b \left( \frac{\partial}{\partial\theta} \log p_S(\theta)
    + \frac{\partial}{\partial\theta} \log p_N(x|\theta) \right) dt + \sqrt{2 T b}\, dW

(Kappel et al., PLOS Comput Biol 2015, equation 5, with constant b). Its stationary law is the posterior, to the power
1/T. The core of the library has this equation for any model, without spikes and without Brian2.
"""

import matplotlib.pyplot as plt
import numpy as np

from spikingsampling.inference import GaussianMixturePrior
from spikingsampling.inference.langevin import SynapticSampling
from spikingsampling.inference.sampling import batch, initial, sample

# %%
# A prior with two modes, and some data
# -------------------------------------
# Synapses want to be either weak or strong. Four measurements say that this one is rather strong.

prior = GaussianMixturePrior(means=(0.0, 2.0), sds=(0.4, 0.4), weights=(0.5, 0.5))
data = np.array([1.2, 0.6, 1.9, 1.5])
sd = 1.5


def log_likelihood(theta):
    """Log-likelihood of all data, up to a constant."""
    return -((data - theta[..., None]) ** 2).sum(-1) / (2 * sd**2)


def gradient(theta):
    """Its derivative."""
    return (data - theta[..., None]).sum(-1) / sd**2


grid = np.linspace(-2.5, 4.5, 1001)


def law(temperature):
    """The density that is expected, by quadrature."""
    log = (prior.log_density(grid) + log_likelihood(grid)) / temperature
    density = np.exp(log - log.max())
    return density / (density.sum() * (grid[1] - grid[0]))


# %%
# Sampling
# --------
# A thousand chains start at 0 and take steps of 10 ms. Temperature 1 is the posterior. Below 1 the law is narrower, and
# above it wider. At 0 the noise is gone: every chain climbs the hill at whose foot it stands.

figure, axes = plt.subplots(1, 3, figsize=(8, 3), sharex=True, layout="constrained")
rng = np.random.default_rng(1)
for ax, temperature in zip(axes, (0.5, 1.0, 4.0), strict=True):
    step = batch(SynapticSampling(prior, b=1.0, temperature=temperature), gradient, dt=0.01)
    _, theta = sample(step, initial(np.zeros(1000)), rng, n_samples=20, every=250)
    ax.hist(theta[10:].ravel(), 60, density=True, alpha=0.6, label="samples")
    ax.plot(grid, law(temperature), color="black", lw=1, label="law")
    ax.set(title=f"T = {temperature:g}", xlabel="θ")
axes[0].set_ylabel("density")
axes[0].legend()
plt.show()

# %%
# At T = 0 nothing is sampled. Where a chain ends depends on where it began.

step = batch(SynapticSampling(prior, b=1.0, temperature=0.0), gradient, dt=0.01)
_, theta = sample(step, initial(np.linspace(-2, 4, 200)), rng, n_samples=40, every=10)
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(0.1 * np.arange(1, 41), theta[:, ::8], color="tab:blue", lw=0.8)
ax.set(xlabel="time (s)", ylabel="θ")
plt.show()

# %%
# In a network the likelihood is the spikes' own, and ``learning="map"`` is this equation at T = 0. What was tested, and
# which wrong equations were refused, is on :doc:`/results/posterior`.
