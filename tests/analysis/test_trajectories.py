"""Principal components of trajectories, and the choice of parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.analysis import choose_parameters, principal_components
from spikingsampling.errors import ParameterError


def test_the_same_generator_state_chooses_the_same_parameters() -> None:
    mask = np.arange(100) % 3 == 0
    chosen = choose_parameters(mask, 20, np.random.default_rng(1))
    np.testing.assert_array_equal(
        chosen, choose_parameters(np.flatnonzero(mask), 20, np.random.default_rng(1))
    )
    assert np.all(np.diff(chosen) > 0)
    assert mask[chosen].all()
    assert not np.array_equal(chosen, choose_parameters(mask, 20, np.random.default_rng(2)))


def test_every_candidate_is_as_likely() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    counts = np.bincount(
        np.concatenate([choose_parameters([2, 5, 6, 9], 2, rng) for _ in range(n)]), minlength=10
    )
    assert set(np.flatnonzero(counts)) == {2, 5, 6, 9}
    assert np.all(np.abs(counts[[2, 5, 6, 9]] - n / 2) < chance(4) * np.sqrt(n / 4))


def test_principal_components_of_a_known_ellipse() -> None:
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    axes = np.linalg.qr(np.random.default_rng(4).normal(size=(6, 6)))[0]
    theta = 2.0 + np.outer(3 * np.cos(angle), axes[0]) + np.outer(np.sin(angle), axes[1])
    found = principal_components(theta, 3)
    np.testing.assert_allclose(found.explained, [0.9, 0.1, 0.0], atol=1e-12)
    np.testing.assert_allclose(np.abs(found.directions[:2] @ axes[:2].T), np.eye(2), atol=1e-10)
    np.testing.assert_allclose(np.abs(found.points[:, 0]), np.abs(3 * np.cos(angle)), atol=1e-10)
    assert found.participation_ratio == pytest.approx(1 / (0.81 + 0.01))
    # A rotation: distances stay what they are.
    np.testing.assert_allclose(
        np.linalg.norm(found.points[7] - found.points[90]), np.linalg.norm(theta[7] - theta[90])
    )


def test_principal_components_by_hand() -> None:
    """Four times around the mean (1, −2): variances along x and y are as 8 to 2."""
    found = principal_components([[3, -2], [-1, -2], [1, -1], [1, -3]], 2)
    np.testing.assert_allclose(found.explained, [0.8, 0.2])
    np.testing.assert_allclose(np.abs(found.directions), np.eye(2), atol=1e-12)
    np.testing.assert_allclose(np.abs(found.points), [[2, 0], [2, 0], [0, 1], [0, 1]], atol=1e-12)
    np.testing.assert_allclose(found.points[0], -found.points[1])
    assert found.participation_ratio == pytest.approx(1 / (0.64 + 0.04))
    first = principal_components([[3, -2], [-1, -2], [1, -1], [1, -3]], 1)
    assert (first.points.shape, first.directions.shape, first.explained.shape) == ((4, 1), (1, 2), (1,))
    assert first.participation_ratio == found.participation_ratio  # of all dimensions


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: choose_parameters([1, 2, 2], 3, np.random.default_rng(0)),
            "n_chosen = 3: must be from 1 to the 2",
        ),
        (lambda: principal_components(np.ones((4, 3))), "theta: does not change over time"),
        (lambda: principal_components(np.eye(4), 5), "n_components = 5: must be from 1 to 4"),
        (lambda: principal_components(np.ones(4)), r"theta has shape \(4,\)"),
        (lambda: principal_components([[1, np.nan]]), "theta holds nan"),
    ],
)
def test_wrong_input_is_named(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        act()
