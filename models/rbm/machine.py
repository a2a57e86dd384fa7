"""The restricted Boltzmann machine, trained by synaptic sampling, MAP or maximum likelihood.

p(x, z) ∝ exp(zᵀ W x + bᵀ x + cᵀ z) with binary hidden units z and binary visible units x; with Gaussian
visible units of variance 1, − xᵀx/2 is added to the exponent. After Kappel et al., PLOS Comput Biol 2015, and
Fournier's report, section 4.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from spikingsampling._checks import finite_array, finite_number, whole_number
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.inference.priors import Prior, UniformPrior
from spikingsampling.models.rbm.learning import LearningRule, Machine, Streams, learn
from spikingsampling.models.rbm.likelihood import exact_log_partition, free_energy

__all__ = ["MODES", "RBM", "VISIBLE"]

#: ``sampling``: prior, likelihood and noise; ``map``: no noise; ``likelihood``: neither noise nor prior.
MODES = ("sampling", "map", "likelihood")
VISIBLE = ("binary", "probability", "gaussian")
Seed = int | np.random.Generator | np.random.SeedSequence | np.random.RandomState | None


class RBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Restricted Boltzmann machine whose weights are samples of their posterior.

    Defaults are those of Fournier's report, section 4.2.

    Parameters
    ----------
    n_hidden : int
    mode : {"sampling", "map", "likelihood"}
    prior : Prior, optional
        p_S of each weight; None is the uniform prior. Not used by the mode ``likelihood``.
    bias_prior : Prior, optional
        The same of each bias. Kappel et al. and Fournier's report have none. Then no posterior is proper: the
        likelihood does not vanish when all hidden biases go to −∞.
    eta : float
        η = bΔt.
    n_examples : float
        N, the number of independent examples that the data count as.
    temperature : float
        T of the mode ``sampling``.
    k : int
        Gibbs steps of contrastive divergence.
    persistent : bool
        Chains go on where those of the batch before ended.
    batch_size, n_epochs : int
        Examples per update, and how often :meth:`fit` goes through the data, in their order at each time.
    visible : {"binary", "probability", "gaussian"}
        Kind of visible units; Gaussian ones have variance 1. With ``probability`` units are binary and the data are
        their probabilities, which stand for states drawn from them (Hinton & Salakhutdinov, Science 2006).
    weight_mean, weight_sd, bias_mean, bias_sd : float
        Initial weights and biases are Gaussian.
    random_state : int, Generator, SeedSequence, RandomState or None
        Seed of the initial values, the Gibbs chains and the noise; an int or a SeedSequence makes
        :meth:`fit` repeatable.

    Attributes
    ----------
    weights_ : (n_hidden, n_visible) float32 array
    visible_bias_ : (n_visible,) float32 array
    hidden_bias_ : (n_hidden,) float32 array
        They may be assigned to (a lesion, for example); :meth:`partial_fit` goes on from there.
    chains_ : (batch_size, n_hidden) float32 array or None
        Hidden states of the persistent chains.
    n_features_in_ : int

    Raises
    ------
    ParameterError, UnknownNameError
        When fitting: a parameter has a wrong type or range, or the data have a wrong shape, NaN, or (binary
        visible units) values other than 0 and 1.
    """

    def __init__(
        self,
        n_hidden: int = 9,
        *,
        mode: str = "sampling",
        prior: Prior | None = None,
        bias_prior: Prior | None = None,
        eta: float = 1e-4,
        n_examples: float = 100.0,
        temperature: float = 1.0,
        k: int = 5,
        persistent: bool = False,
        batch_size: int = 1,
        n_epochs: int = 1,
        visible: str = "binary",
        weight_mean: float = 0.0,
        weight_sd: float = 0.5,
        bias_mean: float = -1.0,
        bias_sd: float = 0.5,
        random_state: Seed = None,
    ) -> None:
        self.n_hidden = n_hidden
        self.mode = mode
        self.prior = prior
        self.bias_prior = bias_prior
        self.eta = eta
        self.n_examples = n_examples
        self.temperature = temperature
        self.k = k
        self.persistent = persistent
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.visible = visible
        self.weight_mean = weight_mean
        self.weight_sd = weight_sd
        self.bias_mean = bias_mean
        self.bias_sd = bias_sd
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Start from new parameters and show the examples X (n, n_visible) ``n_epochs`` times."""
        rule = self._rule()
        images = self._images(X, reset=True)
        self.initialise(images.shape[1])
        for _ in range(int(self.n_epochs)):
            self._learn(images, rule)
        return self

    def partial_fit(self, X: ArrayLike, y: None = None) -> Self:
        """Show the examples X (n, n_visible) once more, in their order; starts as :meth:`fit` if need be."""
        rule = self._rule()
        new = not hasattr(self, "weights_")
        images = self._images(X, reset=new)
        if new:
            self.initialise(images.shape[1])
        self._learn(images, rule)
        return self

    def initialise(self, n_visible: int) -> Self:
        """Draw new parameters for ``n_visible`` visible units; :meth:`partial_fit` goes on from there."""
        self._rule()
        n_visible = self.n_features_in_ = whole_number("n_visible", n_visible)
        initial, *streams = _generator(self.random_state).spawn(4)
        self._streams = Streams(*streams)
        self.weights_ = initial.normal(self.weight_mean, self.weight_sd, (int(self.n_hidden), n_visible))
        self.visible_bias_ = initial.normal(self.bias_mean, self.bias_sd, n_visible)
        self.hidden_bias_ = initial.normal(self.bias_mean, self.bias_sd, int(self.n_hidden))
        self.chains_ = None
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """p(z_i = 1 | x), shape (n, n_hidden)."""
        return expit(self._fitted(X) @ self.weights_.T + self.hidden_bias_)

    def visible_mean(self, Z: ArrayLike) -> NDArray[np.float64]:
        """E[x | z] of hidden states Z (n, n_hidden), shape (n, n_visible).

        Raises
        ------
        ParameterError
            Z has another shape or is not finite.
        """
        check_is_fitted(self)
        driven = finite_array("Z", Z, ("n", len(self.hidden_bias_))) @ self.weights_ + self.visible_bias_
        return driven if self.visible == "gaussian" else expit(driven)

    def reconstruct(self, X: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
        """E[x̂ | z] with one z drawn from p(z|x) per example: the first reconstruction, (n, n_visible)."""
        probability = self.transform(X)
        return self.visible_mean((rng.random(probability.shape) < probability).astype(float))

    def sample(self, n: int, rng: np.random.Generator, steps: int = 1000) -> NDArray[np.float64]:
        """Visible states (n, n_visible) at the end of ``n`` independent Gibbs chains of ``steps`` steps."""
        check_is_fitted(self)
        Z = (rng.random((whole_number("n", n), len(self.hidden_bias_))) < 0.5).astype(float)
        for _ in range(whole_number("steps", steps)):
            mean = self.visible_mean(Z)
            X = (
                mean + rng.normal(size=mean.shape)
                if self.visible == "gaussian"
                else rng.random(mean.shape) < mean
            )
            probability = expit(X @ self.weights_.T + self.hidden_bias_)
            Z = (rng.random(probability.shape) < probability).astype(float)
        return X

    def free_energy(self, X: ArrayLike) -> NDArray[np.float64]:
        """F(x) = −log Σ_z exp(−E(x, z)), shape (n,)."""
        return free_energy(self._fitted(X), *self._parameters, gaussian=self.visible == "gaussian")

    def score_samples(self, X: ArrayLike) -> NDArray[np.float64]:
        """log p(x) up to a constant, −F(x), shape (n,): cheap for any number of hidden units."""
        return -self.free_energy(X)

    def log_likelihood(self, X: ArrayLike) -> NDArray[np.float64]:
        """log p(x) in nats, exact by a sum over all hidden states, shape (n,).

        Raises
        ------
        ParameterError
            More hidden units than :data:`~spikingsampling.models.rbm.likelihood.MAX_HIDDEN`;
            :func:`~spikingsampling.models.rbm.likelihood.annealed_log_partition` estimates it.
        """
        score = self.score_samples(X)
        return score - exact_log_partition(*self._parameters, gaussian=self.visible == "gaussian")

    @property
    def _parameters(self) -> tuple[NDArray, NDArray, NDArray]:
        return self.weights_, self.visible_bias_, self.hidden_bias_

    @property
    def _n_features_out(self) -> int:
        return len(self.hidden_bias_)

    def _fitted(self, X: ArrayLike) -> NDArray:
        check_is_fitted(self)
        return self._images(X, reset=False)

    def _images(self, X: ArrayLike, *, reset: bool) -> NDArray:
        try:
            images = validate_data(self, X, reset=reset, dtype=(np.float64, np.float32))
        except ValueError as error:
            raise ParameterError(str(error)) from None
        if self.visible == "binary" and not np.array_equal(images, images.astype(bool)):
            wrong = images[(images != 0) & (images != 1)][0]
            raise ParameterError(f"X holds {wrong:g}: with binary visible units every value must be 0 or 1")
        if self.visible == "probability" and (wrong := images[(images < 0) | (images > 1)]).size:
            raise ParameterError(f"X holds {wrong[0]:g}: probabilities of visible units must lie from 0 to 1")
        return images

    def _rule(self) -> LearningRule:
        for name, value, known in (("mode", self.mode, MODES), ("visible", self.visible, VISIBLE)):
            if value not in known:
                raise UnknownNameError(f"RBM.{name}", str(value), known)
        for name in ("n_hidden", "k", "batch_size", "n_epochs"):
            whole_number(f"RBM.{name}", getattr(self, name))
        for name in ("weight_mean", "bias_mean"):
            finite_number(f"RBM.{name}", getattr(self, name))
        for name in ("n_examples", "temperature", "weight_sd", "bias_sd"):
            finite_number(f"RBM.{name}", getattr(self, name), low=0)
        eta = finite_number("RBM.eta", self.eta)
        if eta <= 0:
            raise ParameterError(f"RBM.eta = {self.eta!r}: must be more than 0 (η = bΔt)")
        priors = [self._prior(name) for name in ("prior", "bias_prior")]
        return LearningRule(
            eta=eta,
            n_examples=finite_number("RBM.n_examples", self.n_examples),
            temperature=finite_number("RBM.temperature", self.temperature)
            if self.mode == "sampling"
            else 0.0,
            prior=priors[0],
            bias_prior=priors[1],
            k=whole_number("RBM.k", self.k),
            persistent=self.persistent,
            gaussian=self.visible == "gaussian",
        )

    def _prior(self, name: str) -> Prior | None:
        prior = getattr(self, name)
        if not (prior is None or isinstance(prior, Prior)):
            raise ParameterError(
                f"RBM.{name} = {prior!r}: must be None or have log_density, grad_log_density and sample"
            )
        return None if isinstance(prior, UniformPrior) or self.mode == "likelihood" else prior

    def _learn(self, images: NDArray, rule: LearningRule) -> None:
        machine = Machine(*self._parameters)
        chains = self.chains_ if rule.persistent else None
        ended = learn(
            machine, images.astype(np.float32, copy=False), int(self.batch_size), rule, self._streams, chains
        )
        self.chains_ = ended if rule.persistent else None
        self.weights_ = machine.weights
        self.visible_bias_, self.hidden_bias_ = machine.visible_bias, machine.hidden_bias


def _generator(seed: Seed) -> np.random.Generator:
    """A generator of one's own; a SeedSequence is copied, as spawning from it would change it."""
    if isinstance(seed, np.random.SeedSequence):
        seed = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key, pool_size=seed.pool_size)
    if isinstance(seed, np.random.RandomState):
        return np.random.default_rng(seed.randint(2**31, size=4))
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ParameterError(
            f"RBM.random_state = {seed!r}: must be None, a whole number from 0, a Generator or a SeedSequence"
        ) from None
