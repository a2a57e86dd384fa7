"""The recurrent network: its equations, its gradient, and learning."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from spikingsampling.inference import NegativeEntropy, PNorm
from spikingsampling.models.geometry import MirrorDescent, RecurrentClassifier, train

RNG = np.random.default_rng(1)
NETWORK = RecurrentClassifier.random(3, 5, 4, RNG)
IMAGES, LABELS = RNG.standard_normal((7, 6, 3)), RNG.integers(0, 4, 7)


def cross_entropy(network: RecurrentClassifier) -> float:
    """Image by image, as the equations stand."""
    total = 0.0
    for image, label in zip(IMAGES, LABELS, strict=True):
        h = np.zeros(5)
        for row in image:
            h = np.tanh(row @ network.inputs + h @ network.hidden + network.bias)
        scores = h @ network.outputs + network.shift
        total -= math.log(math.exp(scores[label]) / np.exp(scores).sum())
    return total / len(LABELS)


def test_loss_and_gradient() -> None:
    """Central differences with 1e-5: errors of 1e-10."""
    loss, gradients = NETWORK.gradient(IMAGES, LABELS)
    assert loss == pytest.approx(cross_entropy(NETWORK), rel=1e-12)
    names = "inputs", "hidden", "bias", "outputs", "shift"
    for name, gradient in zip(names, gradients, strict=True):
        w = getattr(NETWORK, name)
        assert gradient.shape == w.shape
        for place in np.ndindex(w.shape):
            step = np.zeros_like(w)
            step[place] = 1e-5
            up, down = (cross_entropy(replace(NETWORK, **{name: w + s})) for s in (step, -step))
            assert gradient[place] == pytest.approx((up - down) / 2e-5, abs=1e-8), (name, place)


def test_it_computes_in_the_type_of_the_images() -> None:
    assert NETWORK.states(IMAGES.astype(np.float32)).dtype == np.float32
    loss, gradients = NETWORK.gradient(IMAGES.astype(np.float32), LABELS)
    assert loss == pytest.approx(cross_entropy(NETWORK), rel=1e-5)
    assert all(gradient.dtype == float for gradient in gradients)


def test_accuracy_counts_the_highest_score() -> None:
    best = NETWORK.scores(IMAGES).argmax(axis=1)
    assert NETWORK.accuracy(IMAGES, best) == 1
    best[:2] = (best[:2] + 1) % 4
    assert NETWORK.accuracy(IMAGES, best) == pytest.approx(5 / 7)


def test_a_full_batch_is_mirror_descent_of_every_array() -> None:
    """Two epochs of one batch: the factors of the cosine are 1 and 1/2."""
    potential, rate = NegativeEntropy(), 0.05
    found, loss = train(NETWORK, IMAGES, LABELS, potential, rate, 2, 7, np.random.default_rng(2))
    expected = NETWORK
    descents = [MirrorDescent(potential, rate) for _ in NETWORK.parameters]
    for factor in (1.0, 0.5):
        last, gradients = expected.gradient(IMAGES, LABELS)
        moves = zip(descents, expected.parameters, gradients, strict=True)
        expected = RecurrentClassifier(*(d.step(w, g, factor) for d, w, g in moves))
    for one, other in zip(found.parameters, expected.parameters, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)
    assert loss == pytest.approx(last, rel=1e-10)


def test_it_learns_all_images_and_reports_divergence() -> None:
    rng = np.random.default_rng(3)
    before, _ = NETWORK.gradient(IMAGES, LABELS)
    trained, loss = train(NETWORK, IMAGES, LABELS, PNorm(2), 0.1, 300, 3, rng)
    assert loss < before / 10
    assert trained.accuracy(IMAGES, LABELS) == 1
    _, diverged = train(NETWORK, IMAGES, LABELS, NegativeEntropy(), 1e6, 20, 7, rng)
    assert not math.isfinite(diverged)
