"""The readout of spike counts: the counts, the problem, and the maps that find out how it was trained."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from helpers.small.networks import chance
from spikingsampling.data import ImageSet, load_images
from spikingsampling.protocols.studies.geometry.configuration import ReadoutSettings
from spikingsampling.protocols.studies.geometry.readings import MAPS, potential_of
from spikingsampling.protocols.studies.geometry.readout import readout_problem, spike_counts, trained_readouts
from spikingsampling.protocols.studies.geometry.regression import RATES, learn


@pytest.fixture(scope="module")
def images() -> ImageSet:
    return load_images("embedded", "train", range(10))


def test_counts_are_poisson() -> None:
    """A white pixel of 115 in 1000: equalised to activity 1, 120 Hz for 0.2 s; a black one 1 Hz. Mean is variance."""
    image = np.zeros((1, 20, 50))
    image.flat[:115] = 0.3
    counts = spike_counts(np.repeat(image, 400, axis=0), np.random.default_rng(1))
    for part, mean in ((counts[:, :115], 24.0), (counts[:, 115:], 0.2)):
        n = part.size
        assert abs(part.mean() - mean) < chance(4) * math.sqrt(mean / n)
        fourth = mean + 3 * mean**2
        assert abs(part.var() - mean) < chance(4) * math.sqrt((fourth - mean**2) / n)


def test_counts_are_standardised_and_labels_have_their_mean_taken_off(images: ImageSet) -> None:
    for normal in (True, False):
        problem = readout_problem(ReadoutSettings(), images, normal, np.random.default_rng(2))
        w0, counts, labels = problem
        n, d = counts.shape
        assert n == 28
        assert d <= 784
        assert w0.shape == (10, d)
        np.testing.assert_allclose(counts.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(counts.std(axis=0), 1)
        # ±1 but for their mean; 0 where a digit is not shown.
        assert set(np.round(np.ptp(labels, axis=1), 12)) <= {0.0, 2.0}
        assert (labels.argmax(axis=0) != labels[:, :1].argmax()).any()
        np.testing.assert_allclose(labels.sum(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(labels.sum(axis=0), 0, atol=1e-12)
        absolute = math.sqrt(d) * np.abs(w0)
        expected = math.sqrt(2 / math.pi) if normal else 1.0
        assert abs(absolute.mean() - expected) < chance(4) * absolute.std() / math.sqrt(absolute.size)
    # In ten presentations one black pixel in seven, e^−2, has no spike.
    _, few, _ = readout_problem(ReadoutSettings(presentations=10), images, True, np.random.default_rng(2))
    assert 600 < few.shape[1] < 784
    np.testing.assert_allclose(few.std(axis=0), 1)
    _, raw, _ = readout_problem(ReadoutSettings(standardised=False), images, True, np.random.default_rng(2))
    assert raw.std() == pytest.approx(1)
    assert np.ptp(raw.std(axis=0)) > 1


@pytest.mark.parametrize("name", RATES)
def test_the_dual_of_every_output_moves_within_the_span_of_the_counts(name: str, images: ImageSet) -> None:
    """n presentations whose counts sum to 0 span n − 1 dimensions, and all labels are fitted."""
    c, potential, rng = ReadoutSettings(presentations=10), potential_of(name), np.random.default_rng(3)
    problem = readout_problem(c, images, name != "burg", rng)
    (before,), (after,), loss = learn(potential, lambda: problem, c.epochs, 1, "readout")
    _, counts, labels = problem
    change = potential.dual(after) - potential.dual(before)
    assert np.linalg.matrix_rank(counts) == 9
    multipliers = np.linalg.lstsq(counts.T, change.T, rcond=None)[0]
    np.testing.assert_allclose(
        counts.T @ multipliers, change.T, atol=1e-10 * np.abs(potential.dual(before)).max()
    )
    assert loss < 1e-3
    assert np.square(after @ counts.T - labels).mean() == pytest.approx(loss)


def test_the_map_is_found(images: ImageSet) -> None:
    """The right map has the least ΔCDF of all, and for embedded images that of a Gaussian change."""
    c = ReadoutSettings(repetitions=5)
    for name in RATES:
        rng = np.random.default_rng(4)
        readings = trained_readouts(potential_of(name), c, images, rng)
        found = {other: np.mean([one[other].delta_cdf for one in readings]) for other in MAPS}
        assert min(found, key=lambda other: found[other]) == name
        wrong = min(value for other, value in found.items() if other != name)
        assert wrong > 2 * found[name]


def test_neurons_that_are_not_alike_hide_the_map(
    images: ImageSet,
) -> None:
    """Without standardising, neurons that fire more move more: the change is a mixture, Gaussian in no map."""
    c = ReadoutSettings(repetitions=3, standardised=False)
    readings = trained_readouts(potential_of("2-norm"), c, images, np.random.default_rng(5))
    bound = readings[0]["2-norm"].bound * chance() / norm.isf(0.05)
    assert all(one[name].delta_cdf > bound for one in readings for name in MAPS)
