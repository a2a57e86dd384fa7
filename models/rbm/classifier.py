"""A deep belief network as a classifier: layers learn without labels, then all weights with them.

After Hinton, Osindero & Teh (Neural Comput 2006) and Hinton & Salakhutdinov (Science 2006): machines are trained
greedily, probabilities passed up, and the stack is fine-tuned by back-propagation.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from spikingsampling._checks import Seed, random_generator
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.descent import train
from spikingsampling.models.mlp import MLP, one_hot
from spikingsampling.models.rbm.deep import DeepBeliefNetwork
from spikingsampling.models.rbm.machine import RBM

__all__ = ["DeepBeliefClassifier", "contrastive_machine"]


def contrastive_machine(eta: float = 0.1, l2: float = 2e-4, n_epochs: int = 10, batch_size: int = 100) -> RBM:
    """A machine that learns by CD-1 with minibatches and weight decay: T = 0, a Gaussian prior and N = 1."""
    return RBM(
        mode="map",
        prior=GaussianPrior(0.0, l2**-0.5) if l2 else None,
        eta=eta,
        n_examples=1.0,
        k=1,
        batch_size=batch_size,
        n_epochs=n_epochs,
        visible="probability",
        weight_sd=0.01,
        bias_mean=0.0,
        bias_sd=0.0,
    )


class DeepBeliefClassifier(ClassifierMixin, BaseEstimator):
    """Classifier of examples with values from 0 to 1.

    Parameters
    ----------
    hidden : sequence of int
        Units of the hidden layers.
    machine : RBM, optional
        Every layer is a copy with its own number of units; it needs ``visible="probability"``. Default:
        :func:`contrastive_machine`.
    pretrain : bool
        False begins with random weights N(0, 1/n_in) instead.
    epochs : int
        Of fine-tuning.
    eta, momentum, l2, batch_size
        Of fine-tuning, see :func:`~spikingsampling.models.descent.train`.
    random_state : int, Generator, SeedSequence or None

    Attributes
    ----------
    classes_ : (n_classes,) array
    stack_ : DeepBeliefNetwork or None
        As the machines left it; None where nothing was pretrained.
    network_ : MLP
        The fine-tuned network.
    n_features_in_ : int

    Raises
    ------
    ParameterError
        When fitting: X and y do not fit each other, X holds other values, ``hidden`` is empty.
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (256, 128),
        *,
        machine: RBM | None = None,
        pretrain: bool = True,
        epochs: int = 20,
        eta: float = 0.3,
        momentum: float = 0.9,
        l2: float = 0.0,
        batch_size: int = 100,
        random_state: Seed = None,
    ) -> None:
        self.hidden = hidden
        self.machine = machine
        self.pretrain = pretrain
        self.epochs = epochs
        self.eta = eta
        self.momentum = momentum
        self.l2 = l2
        self.batch_size = batch_size
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Pretrain on X (n, n_features), then fine-tune with labels y (n,)."""
        return self.fit_unlabelled(X).fine_tune(X, y, self.epochs)

    def fit_unlabelled(self, X: ArrayLike) -> Self:
        """Pretrain on X (n, n_features), whose labels nobody needs to know; :meth:`fine_tune` goes on from here."""
        images = self._images(X, reset=True)
        if not self.hidden:
            raise ParameterError(f"hidden = {self.hidden!r}: must have at least one layer")
        self._rng = random_generator("DeepBeliefClassifier.random_state", self.random_state)
        self.stack_ = None
        if self.pretrain:
            template = contrastive_machine() if self.machine is None else self.machine
            layers = [
                clone(template).set_params(n_hidden=n, random_state=rng)
                for n, rng in zip(self.hidden, self._rng.spawn(len(self.hidden)), strict=True)
            ]
            self.stack_ = DeepBeliefNetwork(layers, self._rng, pass_up="probabilities").fit(images)
        if hasattr(self, "network_"):
            del self.network_
        return self

    def fine_tune(self, X: ArrayLike, y: ArrayLike, epochs: int) -> Self:
        """Back-propagation for ``epochs`` on X (n, n_features) with labels y (n,), from where the network is.

        The first call after pretraining sets the classes.
        """
        check_is_fitted(self, "n_features_in_")
        images, labels = self._images(X, reset=False), self._labels(y, len(np.asarray(X)))
        if not hasattr(self, "network_"):
            self.classes_ = np.unique(labels)
            sizes = (self.n_features_in_, *self.hidden, len(self.classes_))
            self.network_ = (
                MLP(sizes, self._rng, activation="logistic")
                if self.stack_ is None
                else self.stack_.classifier(len(self.classes_))
            )
        if not np.isin(labels, self.classes_).all():
            raise ParameterError(
                f"y holds {labels[~np.isin(labels, self.classes_)][0]}: must be one of classes_"
            )
        targets = one_hot(np.searchsorted(self.classes_, labels), len(self.classes_))
        constants = {name: getattr(self, name) for name in ("eta", "momentum", "l2", "batch_size")}
        train(self.network_, images, targets, epochs, self._rng, **constants)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.floating]:
        """Probability of each class, (n, n_classes)."""
        check_is_fitted(self, "network_")
        return self.network_.probabilities(self._images(X, reset=False))

    def predict(self, X: ArrayLike) -> NDArray:
        """The most probable class, (n,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _images(self, X: ArrayLike, *, reset: bool) -> NDArray[np.float32]:
        try:
            images = validate_data(self, X, reset=reset, dtype=np.float32)
        except ValueError as error:
            raise ParameterError(str(error)) from None
        if (wrong := images[(images < 0) | (images > 1)]).size:
            raise ParameterError(f"X holds {wrong[0]:g}: every value must lie from 0 to 1")
        return images

    def _labels(self, y: ArrayLike, n: int) -> NDArray:
        labels = np.asarray(y)
        if labels.shape != (n,):
            raise ParameterError(f"y has shape {labels.shape}: must be ({n},)")
        try:
            check_classification_targets(labels)
        except ValueError as error:
            raise ParameterError(f"y: {error}") from None
        return labels
