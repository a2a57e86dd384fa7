"""
Your own prior
==============

Any object with these four members is a prior. It is sampled here without a network; in one it is
``ss.CircuitParameters(prior=LogisticPrior())``, as in :doc:`/tutorials/t5_own_prior`.
"""

import matplotlib.pyplot as plt
import numpy as np

from spikingsampling.inference.langevin import SynapticSampling
from spikingsampling.inference.sampling import batch, initial, sample


class LogisticPrior:
    """Logistic distribution around ``mean``: heavier tails than a Gaussian one."""

    mean, scale = 0.5, 0.5
    grad_log_density_code = "-tanh((theta - 0.5)/1.0)/0.5"  # Brian2's, in the variable theta

    def log_density(self, theta):
        """Logarithm of the density."""
        return -2 * np.log(2 * np.cosh((np.asarray(theta) - self.mean) / (2 * self.scale))) - np.log(
            self.scale
        )

    def grad_log_density(self, theta):
        """Its derivative."""
        return -np.tanh((np.asarray(theta) - self.mean) / (2 * self.scale)) / self.scale

    def sample(self, rng, size):
        """Independent draws."""
        return rng.logistic(self.mean, self.scale, size)


prior, rng = LogisticPrior(), np.random.default_rng(1)
step = batch(SynapticSampling(prior, b=1.0), None, dt=0.01)
_, theta = sample(step, initial(prior.sample(rng, 2000)), rng, n_samples=5, every=100)
grid = np.linspace(-5, 6, 200)
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.hist(theta.ravel(), 80, range=(-5, 6), density=True, alpha=0.6, label="sampled for five seconds")
ax.plot(grid, np.exp(prior.log_density(grid)), color="black", lw=1, label="prior")
ax.set(xlabel="θ", ylabel="density")
ax.legend()
plt.show()
