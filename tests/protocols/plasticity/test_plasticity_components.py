"""Principal components by Oja, Sanger and Hebb: by hand, against closed forms, and the lecture's statements."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from helpers.small.networks import chance
from spikingsampling.models.hebbian import learn
from spikingsampling.protocols.studies.plasticity.components import (
    EIGENVALUES,
    LECTURE_SEED,
    PRINCIPAL,
    START,
    LectureCloud,
    alignment,
    angle,
    angle_variance,
    cloud,
    fresh_points,
    hebb_path,
    learn_lecture,
    oja_path,
)
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments

ETA = 0.1


@pytest.fixture(scope="module")
def metrics() -> dict[str, float]:
    return learn_lecture(RateExperiments(passes=10)).metrics()


def block_means(values: np.ndarray, n: int) -> np.ndarray:
    return values[: len(values) // n * n].reshape(n, -1).mean(axis=1)


def oja(w: np.ndarray, x: np.ndarray, eta: float = ETA) -> np.ndarray:
    v = w @ x
    return w + eta * v * (x - v * w)


def test_alignment_and_angle_by_hand() -> None:
    np.testing.assert_allclose(
        alignment(np.array([[-2.0, 0], [0, 1], [1, 1]]), np.array([1.0, 0])), [1, 0, 0.5**0.5]
    )
    first, second = PRINCIPAL
    w = np.array([3 * first, first + second, first - np.sqrt(3) * second, -first - second])
    np.testing.assert_allclose(angle(w), [0, np.pi / 4, -np.pi / 3, np.pi / 4], atol=1e-12)


def test_paths_by_hand() -> None:
    """Hebb: 1 · 1.05² and 2 · 1.01². Oja with growth 2 and 3: over √(1 + ¼ · 3 + 1/16 · 8) = 1.5."""
    path = hebb_path(np.array([1.0, 2]), np.array([0.5, 0.1]), 0.1, np.array([0.0, 2]))
    np.testing.assert_allclose(path, [[1, 2], [1.1025, 2.0402]])
    path = oja_path(np.array([0.5, 0.25]), np.log([2.0, 3]), 0.5, np.array([0.0, 2]))
    np.testing.assert_allclose(path, [[0.5, 0.25], [2 / 3, 0.5]])
    assert angle_variance(0.2, np.array([3.0, 1])) == pytest.approx(0.2 * 3 / (2 * 2))


def test_measures_of_the_lecture_by_hand() -> None:
    """Two points; the cosines of the last pass are the last two of four."""
    lecture = LectureCloud(
        points=np.zeros((2, 2)),
        axes=np.array([[0.0, 1], [1, 0]]),
        paths={"oja": np.array([[9.0, 9], [3, 4]]), "hebb": np.array([[9.0, 9], [0, -2]])},
        last_pass=np.array([[0.0, 1], [0, 3]]),
        cosines=np.array([[0, 0, 0.2, 0.4], [0, 0, 0.5, 0.7]]),
    )
    assert lecture.metrics() == pytest.approx(
        {
            "oja.lecture.length_after_one_pass": 5,
            "oja.lecture.cosine_after_one_pass": 0.8,
            "hebb.lecture.length_after_one_pass": 2,
            "hebb.lecture.cosine_after_one_pass": 1,
            "oja.lecture.length_last_pass": 2,
            "oja.lecture.cosine_last_pass": 1,
            "sanger.lecture.cosine_1_last_pass": 0.3,
            "sanger.lecture.cosine_2_last_pass": 0.6,
        }
    )


def test_what_is_learnt_from_fresh_points_is_written_out() -> None:
    """Two passes of ten points: Oja and Sanger are measured over the second half, Hebb after ten points."""
    settings = RateExperiments(n_points=10, passes=2, repetitions=2, learning_rate=0.3)
    measures, twin = fresh_points(settings, np.random.default_rng(7)), np.random.default_rng(7)
    for repetition in range(2):
        points = cloud(twin, 20)
        w = [START]
        for x in points:
            w.append(oja(w[-1], x, 0.3))
        w = np.array(w[10:])
        grown = START
        for x in points[:10]:
            grown = grown + 0.3 * (grown @ x) * x
        pair = [np.array([START, START])]
        for x in points:
            v = pair[-1] @ x
            pair.append(
                pair[-1]
                + 0.3
                * np.array(
                    [v[0] * (x - v[0] * pair[-1][0]), v[1] * (x - v[0] * pair[-1][0] - v[1] * pair[-1][1])]
                )
            )
        pair = np.array(pair[10:])
        cosine = np.abs(w @ PRINCIPAL[0]) / np.linalg.norm(w, axis=1)
        expected = {
            "oja.length": np.linalg.norm(w, axis=1).mean(),
            "oja.cosine": cosine.mean(),
            "oja.angle_variance": np.mean(np.arccos(cosine) ** 2),
            "hebb.growth": grown @ PRINCIPAL[0] / (START @ PRINCIPAL[0]),
            "sanger.cosine_1": alignment(pair[:, 0], PRINCIPAL[0]).mean(),
            "sanger.cosine_2": alignment(pair[:, 1], PRINCIPAL[1]).mean(),
        }
        assert {name: values[repetition] for name, values in measures.items()} == pytest.approx(expected)


def test_the_cloud_is_that_of_the_lecture_and_has_the_law_it_is_said_to_have() -> None:
    state = np.random.RandomState(LECTURE_SEED)
    x = np.linspace(-0.3, 0.3, 1000)
    state.shuffle(x)
    y = -0.7 * x
    x += state.randn(1000) / 10
    y += state.randn(1000) / 10
    np.testing.assert_array_equal(cloud(np.random.RandomState(42), 1000), np.column_stack([x, y]))
    n = 100_000
    along = cloud(np.random.default_rng(0), n) @ PRINCIPAL.T
    products = np.column_stack([along**2, along.prod(axis=1)])
    error = products.std(axis=0) / np.sqrt(n)
    assert np.all(np.abs(products.mean(axis=0) - [*EIGENVALUES, 0]) < chance(3) * error)
    np.testing.assert_allclose(PRINCIPAL @ PRINCIPAL.T, np.eye(2), atol=1e-15)


def test_oja_ends_on_the_principal_component_of_the_lectures_data(metrics: dict[str, float]) -> None:
    """|w| → 1 and |cos(w, PC1)| > 0.99 (lecture 3), after one pass and after ten.

    After one pass the length lacks (1/c₁(0)² − 1)/2 e^{−2ηΣa²}, where the sum of a², squared components along PC1,
    varies from cloud to cloud.
    """
    for when in ("after_one_pass", "last_pass"):
        assert metrics[f"oja.lecture.cosine_{when}"] > 0.99
    first, total = START @ PRINCIPAL[0], 1000 * EIGENVALUES[0]
    spread = np.sqrt(1000 * 2) * EIGENVALUES[0]  # at most that of Gaussian components
    lacks = (1 / first**2 - 1) / 2 * np.exp(-2 * ETA * (total - chance() * spread))
    assert abs(metrics["oja.lecture.length_after_one_pass"] - 1) < lacks + ETA * EIGENVALUES[1]
    assert abs(metrics["oja.lecture.length_last_pass"] - 1) < ETA * EIGENVALUES[1]
    assert metrics["sanger.lecture.cosine_1_last_pass"] == pytest.approx(
        metrics["oja.lecture.cosine_last_pass"]
    )
    assert metrics["sanger.lecture.cosine_2_last_pass"] > 0.99


def test_one_pass_is_what_the_lectures_program_computes(metrics: dict[str, float]) -> None:
    """Oja's rule and Hebb's, written out point by point from the weights 0.1 and 0.4 with η = 0.1."""
    points = cloud(np.random.RandomState(42), 1000)
    for name, penalty in (("oja", 1.0), ("hebb", 0.0)):
        w = [0.1, 0.4]
        for x, y in points:
            v = w[0] * x + w[1] * y
            w = [w[0] + 0.1 * v * (x - penalty * v * w[0]), w[1] + 0.1 * v * (y - penalty * v * w[1])]
        assert metrics[f"{name}.lecture.length_after_one_pass"] == pytest.approx(np.hypot(*w), rel=1e-9)


def test_the_angle_and_the_length_that_oja_keeps() -> None:
    """Variance of the angle ηλ₁λ₂/2(λ₁ − λ₂); mean length 1 + ηλ₂/4, as turning makes w longer: both to first order."""
    n, blocks = 60_000, 30
    w = learn("oja", PRINCIPAL[:1], cloud(np.random.default_rng(3), n), ETA).weights[1:, 0]
    angle = np.arctan((w @ PRINCIPAL[1]) / (w @ PRINCIPAL[0]))
    time = 1 / (ETA * (EIGENVALUES[0] - EIGENVALUES[1]))
    expected = angle_variance(ETA)
    assert expected == pytest.approx(0.1 * 0.0547 * 0.01 / (2 * 0.0447))
    # φ² of an Ornstein-Uhlenbeck process of time constant T has variance 2 Var² T/n over n inputs.
    assert np.mean(angle**2) == pytest.approx(expected, rel=chance(2) * np.sqrt(2 * time / n))
    lengths = block_means(np.linalg.norm(w, axis=1), blocks)
    limit = stats.t.isf(0.25e-4, blocks - 1) * lengths.std(ddof=1) / np.sqrt(blocks)
    assert limit < 0.1 * ETA * EIGENVALUES[1]
    assert lengths.mean() == pytest.approx(1 + ETA * EIGENVALUES[1] / 4, abs=limit)


def test_hebb_grows_as_expected(metrics: dict[str, float]) -> None:
    """The mean component along PC1 grows by 1 + ηλ₁ per input, without end."""
    rng, steps = np.random.default_rng(4), 100
    ends = np.array(
        [learn("hebb", START[None], cloud(rng, steps), ETA).weights[-1, 0] @ PRINCIPAL.T for _ in range(150)]
    )
    expected = hebb_path(PRINCIPAL @ START, EIGENVALUES, ETA, np.array([float(steps)]))[0]
    error = ends.std(axis=0, ddof=1) / np.sqrt(len(ends))
    assert np.all(np.abs(ends.mean(axis=0) - expected) < chance(2) * error)
    assert np.all(error < 0.05 * np.abs(expected))
    assert metrics["hebb.lecture.length_after_one_pass"] > 20
    assert metrics["hebb.lecture.cosine_after_one_pass"] > 0.99


def test_the_mean_path_of_oja() -> None:
    """Inputs that alternate between the principal directions follow it, up to terms of order η."""
    inputs = np.sqrt(2 * EIGENVALUES)[:, None] * PRINCIPAL
    eta, n = 0.02, 8000
    path = learn("oja", START[None], np.tile(inputs, (n // 2, 1)), eta).weights[:, 0] @ PRINCIPAL.T
    expected = oja_path(PRINCIPAL @ START, EIGENVALUES, eta, np.arange(n + 1.0))
    np.testing.assert_allclose(path, expected, atol=2 * eta * EIGENVALUES.max())
    assert np.linalg.norm(expected[-1]) == pytest.approx(1, abs=1e-4)
