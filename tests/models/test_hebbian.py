"""Rate-based rules against what mathematics says of them."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models import hebbian
from spikingsampling.models.hebbian import RATE_RULES, RateRule, learn

RNG_INPUTS = np.random.default_rng(0).normal(0.4, 1.0, (200, 3)) @ np.diag([2.0, 1.0, 0.5])


def correlation(inputs: np.ndarray) -> np.ndarray:
    return inputs.T @ inputs / len(inputs)


def mean_change(rule: RateRule, w: np.ndarray, inputs: np.ndarray, *context: object) -> np.ndarray:
    """Mean of ``rule`` over inputs (n, n_in) at fixed weights (n_out, n_in), with v = W u."""
    return np.mean([rule(w, u, w @ u, *context) for u in inputs], axis=0)


def lecture_data() -> np.ndarray:
    """The cloud of lecture 3: seed 42, a line of slope −0.7 in noise (n, 2)."""
    random = np.random.RandomState(42)
    n = 1000
    x = np.linspace(-0.3, 0.3, n)
    random.shuffle(x)
    y = -0.7 * x
    x = x + random.randn(n) / 10
    y = y + random.randn(n) / 10
    return np.column_stack([x, y])


def test_rules_by_hand() -> None:
    """Two outputs, v = (2, 3), from weights ((1, 4), (0, 5)) and inputs (10, 30)."""
    w, u, v = np.array([[1.0, 4], [0, 5]]), np.array([10.0, 30]), np.array([2.0, 3])
    for name, context, expected in (
        ("hebb", 0.0, [[20, 60], [30, 90]]),
        ("postsynaptic_threshold", [1.0, 5], [[10, 30], [-20, -60]]),
        ("presynaptic_threshold", [4.0, 31], [[12, -2], [18, -3]]),
        ("bcm", [1.0, 5], [[20, 60], [-60, -180]]),
        ("subtractive", 0.0, [[-20, 20], [-30, 30]]),
        ("oja", 0.5, [[20 - 2, 60 - 8], [30, 90 - 22.5]]),
        ("sanger", 0.0, [[20 - 4, 60 - 16], [30 - 6, 90 - 24 - 45]]),
        ("delta", [1.0, 5], [[-10, -30], [20, 60]]),
        ("perceptron", [-1.0, 1], [[-10, -30], [0, 0]]),
    ):
        np.testing.assert_allclose(RATE_RULES[name](w, u, v, np.asarray(context)), expected, err_msg=name)
    np.testing.assert_allclose(hebbian.bcm_threshold(v, np.array([1.0, 10])), [3, -1])


def test_mean_change_of_the_linear_rules():
    """Q w for Hebb, C w for both covariance rules, Qw − mean for subtraction, Qw − α(wQw)w for Oja."""
    w, q = np.array([[0.3, -0.2, 0.5]]), correlation(RNG_INPUTS)
    mean = RNG_INPUTS.mean(axis=0)
    c = q - np.outer(mean, mean)
    np.testing.assert_allclose(mean_change(hebbian.hebb, w, RNG_INPUTS), w @ q, atol=1e-12)
    np.testing.assert_allclose(
        mean_change(hebbian.presynaptic_threshold, w, RNG_INPUTS, mean), w @ c, atol=1e-12
    )
    np.testing.assert_allclose(
        mean_change(hebbian.postsynaptic_threshold, w, RNG_INPUTS, w @ mean), w @ c, atol=1e-12
    )
    expected = w @ q - (w @ q).mean()
    np.testing.assert_allclose(mean_change(hebbian.subtractive, w, RNG_INPUTS), expected, atol=1e-12)
    expected = w @ q - 2.0 * (w @ q @ w.T) * w
    np.testing.assert_allclose(mean_change(hebbian.oja, w, RNG_INPUTS, 2.0), expected, atol=1e-12)


def test_hebb_grows_along_the_principal_eigenvector():
    """With the batch rule each component grows by (1 + ηλ) per step: closed form, no fixed point but 0."""
    q, eta, steps = correlation(RNG_INPUTS), 0.05, 60
    values, vectors = np.linalg.eigh(q)
    w = np.array([[0.1, 0.2, -0.3]])
    start = w @ vectors
    for _ in range(steps):
        w = w + eta * mean_change(hebbian.hebb, w, RNG_INPUTS)
    np.testing.assert_allclose(w @ vectors, start * (1 + eta * values) ** steps, rtol=1e-9)
    assert abs(w @ vectors)[0, -1] / np.linalg.norm(w) > 0.99
    assert values.min() > 0  # so Qw = 0 at w = 0 only, and that is unstable


def test_oja_converges_on_the_data_of_the_lecture():
    """Seed 42, N = 1000, η = 0.1, w = (0.1, 0.4): |w| → 1 and |cos(w, PC1)| > 0.99 (lecture 3).

    After one pass through the data the length still fluctuates: many passes, and the mean over the last.
    """
    data = lecture_data()
    values, vectors = np.linalg.eigh(np.cov(data.T))
    path = learn("oja", [[0.1, 0.4]], np.tile(data, (8, 1)), 0.1).weights[:, 0]
    last = path[-5000:]
    w = last.mean(axis=0)
    assert abs(w @ vectors[:, -1]) / np.linalg.norm(w) > 0.99
    # To second order in the fluctuations of the other component, of variance ηλ₂λ₁/(2(λ₁ − λ₂)) at most.
    spread = 0.1 * values[0] * values[1] / (2 * (values[1] - values[0]))
    assert np.linalg.norm(last, axis=1).mean() == pytest.approx(1, abs=3 * spread + 0.01)
    one_pass = path[1000]
    assert abs(one_pass @ vectors[:, -1]) / np.linalg.norm(one_pass) > 0.99


def test_oja_fixed_point_has_length_one_over_root_alpha():
    vectors = np.linalg.eigh(correlation(RNG_INPUTS))[1]
    for alpha in (0.5, 1.0, 4.0):
        w = vectors[:, -1:].T / np.sqrt(alpha)
        np.testing.assert_allclose(mean_change(hebbian.oja, w, RNG_INPUTS, alpha), 0, atol=1e-12)
        longer = mean_change(hebbian.oja, 1.1 * w, RNG_INPUTS, alpha)
        assert (longer * w).sum() < 0 < (mean_change(hebbian.oja, 0.9 * w, RNG_INPUTS, alpha) * w).sum()


def test_sanger_finds_the_eigenvectors_in_order():
    vectors = np.linalg.eigh(correlation(RNG_INPUTS))[1][:, ::-1]
    w = vectors.T.copy()
    np.testing.assert_allclose(mean_change(hebbian.sanger, w, RNG_INPUTS), 0, atol=1e-12)
    learnt = (
        learn("sanger", np.eye(3) * 0.1 + 0.05, np.tile(RNG_INPUTS, (40, 1)), 0.005)
        .weights[-200:]
        .mean(axis=0)
    )
    for row, vector in zip(learnt, vectors.T, strict=True):
        assert abs(row @ vector) / np.linalg.norm(row) > 0.99
    first = mean_change(hebbian.sanger, w[:1] * 0.7, RNG_INPUTS)  # one output: Oja's rule
    np.testing.assert_allclose(first, mean_change(hebbian.oja, w[:1] * 0.7, RNG_INPUTS, 1.0), atol=1e-12)


def test_subtraction_keeps_the_sum_of_weights():
    path = learn("subtractive", [[0.2, 0.5, 0.1]], RNG_INPUTS, 0.01).weights[:, 0]
    np.testing.assert_allclose(path.sum(axis=1), 0.8, rtol=1e-12)
    assert np.abs(np.diff(path, axis=0)).max() > 1e-3


def test_bcm_fixed_points_and_their_stability():
    """Two orthogonal inputs, each half of the time: fixed points have responses (0, 0), (2, 0), (0, 2), (1, 1).

    With θ = ⟨v²⟩ = (v₁² + v₂²)/2 the response to input i changes by v_i (v_i − θ)/2 for |u_i| = 1. The Jacobian,
    by hand, says: (2, 0) and (0, 2) are stable, (1, 1) is not, (0, 0) is stable in no direction at second order.
    """
    inputs = np.eye(2)

    def change(v: np.ndarray) -> np.ndarray:  # of the responses, with W = v since inputs are unit vectors
        theta = np.mean(v**2)
        return mean_change(hebbian.bcm, v[None], inputs, theta)[0]

    def growth(v: np.ndarray) -> np.ndarray:
        h = 1e-6
        jacobian = np.array([(change(v + h * e) - change(v - h * e)) / (2 * h) for e in np.eye(2)]).T
        return np.linalg.eigvals(jacobian).real

    for fixed in ([0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [1.0, 1.0]):
        np.testing.assert_allclose(change(np.array(fixed)), 0, atol=1e-12)
    np.testing.assert_allclose(sorted(growth(np.array([2.0, 0.0]))), [-1, -1], atol=1e-6)
    np.testing.assert_allclose(sorted(growth(np.array([1.0, 1.0]))), [-0.5, 0.5], atol=1e-6)


def test_bcm_becomes_selective_with_a_sliding_threshold_and_runs_away_with_a_fixed_one():
    rng = np.random.default_rng(2)
    inputs = np.eye(2)[rng.integers(2, size=14_000)]
    start = [[0.9, 1.05]]
    learnt = learn("bcm", start, inputs, 0.005, context=1.0, tau_theta=20, rectify=True)
    responses = learnt.weights[-4000:, 0].mean(axis=0)
    assert responses[0] == pytest.approx(0, abs=0.05)
    # v = 1/p = 2, variance 2η, relaxation time 1/η, by linearisation; the threshold follows 2v − 2 besides noise.
    error = np.sqrt(2 * 0.005 * 2 * 200 / 4000)
    assert responses[1] == pytest.approx(2, abs=4 * error)
    assert learnt.thresholds is not None
    assert learnt.thresholds[-4000:, 0].mean() == pytest.approx(2, abs=4 * 2 * error)
    with pytest.raises(ParameterError, match="weights diverge"), np.errstate(over="ignore", invalid="ignore"):
        learn("bcm", [[1.1, 1.2]], inputs, 0.005, context=1.0)


def test_bcm_depresses_below_the_threshold_and_potentiates_above():
    u = np.array([1.0])
    changes = [
        hebbian.bcm(np.array([[v]]), u, np.array([v]), 10.0)[0, 0] for v in (0.0, 1.0, 9.0, 10.0, 11.0, 50.0)
    ]
    assert np.sign(changes).tolist() == [0, -1, -1, 0, 1, 1]


def test_delta_rule_finds_the_least_squares_solution():
    rng = np.random.default_rng(3)
    targets = RNG_INPUTS @ np.array([0.5, -1.0, 2.0]) + rng.normal(0, 0.3, 200)
    best = np.linalg.lstsq(RNG_INPUTS, targets, rcond=None)[0]
    residual = np.mean(
        [hebbian.delta(best[None], u, best[None] @ u, t) for u, t in zip(RNG_INPUTS, targets, strict=True)],
        axis=0,
    )
    np.testing.assert_allclose(residual, 0, atol=1e-12)
    passes, eta = 120, 1e-3
    path = learn(
        "delta",
        np.zeros((1, 3)),
        np.tile(RNG_INPUTS, (passes, 1)),
        eta,
        targets=np.tile(targets, passes)[:, None],
    )
    # The cycle over the data ends within η |Σ noise u| of the optimum: first order in η times the gradient's sum.
    bound = eta * np.abs((targets - RNG_INPUTS @ best)[:, None] * RNG_INPUTS).cumsum(axis=0).max()
    # What is left of the start, by the slowest direction of descent.
    slowest = np.linalg.eigvalsh(correlation(RNG_INPUTS))[0]
    left = np.linalg.norm(best) * np.exp(-eta * slowest * passes * len(targets))
    assert left < bound
    assert np.abs(path.weights[-1, 0] - best).max() < bound + left


def test_perceptron_converges_within_novikoffs_bound():
    """On separable data it makes at most (R/γ)² mistakes, and none after."""
    rng = np.random.default_rng(4)
    truth = np.array([1.0, -2.0, 0.5]) / np.linalg.norm([1.0, -2.0, 0.5])
    inputs = rng.normal(size=(400, 3))
    inputs = inputs[np.abs(inputs @ truth) > 0.2]
    labels = np.where(inputs @ truth > 0, 1.0, -1.0)
    bound = (np.linalg.norm(inputs, axis=1).max() / np.abs(inputs @ truth).min()) ** 2
    passes = int(bound) + 1
    path = learn(
        "perceptron", np.zeros((1, 3)), np.tile(inputs, (20, 1)), 1.0, targets=np.tile(labels, 20)[:, None]
    )
    mistakes = np.any(np.diff(path.weights[:, 0], axis=0) != 0, axis=1).sum()
    assert 0 < mistakes <= bound < passes
    assert (np.sign(path.weights[-1, 0] @ inputs.T) == labels).all()


def test_perceptron_changes_only_where_it_is_wrong():
    u = np.array([1.0, 2.0])
    for target, v, factor in ((1.0, 0.5, 0.0), (1.0, -0.5, 1.0), (-1.0, 0.5, -1.0), (-1.0, -0.5, 0.0)):
        change = hebbian.perceptron(np.zeros((1, 2)), u, np.array([v]), target)
        np.testing.assert_array_equal(change[0], factor * u)


def test_perceptron_without_a_target_expects_1_and_answers_1_at_0() -> None:
    w, u = np.zeros((1, 2)), np.array([1.0, 2.0])
    np.testing.assert_array_equal(hebbian.perceptron(w, u, w @ u), [[0, 0]])
    np.testing.assert_array_equal(hebbian.perceptron(w, u, np.array([-0.5])), [u])
    np.testing.assert_array_equal(hebbian.perceptron(w, u, w @ u, -1.0), [-u])


def test_rectified_outputs_and_weights() -> None:
    """v = −1 counts as 0, so that nothing changes; a weight that would fall below 0 stays there."""
    for rectify, end in ((True, 1.0), (False, 1.1)):
        path = learn("hebb", [[1.0]], [[-1.0]], 0.1, rectify=rectify).weights
        np.testing.assert_allclose(path[:, 0, 0], [1, end])
    for rectify, end in ((True, 0.0), (False, -0.5)):
        path = learn("bcm", [[0.5]], [[1.0]], 1.0, context=2.5, rectify=rectify).weights
        np.testing.assert_allclose(path[:, 0, 0], [0.5, end])


def test_the_sliding_threshold_begins_at_the_context_and_follows_the_square_of_the_output() -> None:
    """θ = 3, then 3 + (2² − 3)/4; the first weight changes by η v (v − 3) u, before θ has moved."""
    learnt = learn("bcm", [[2.0]], [[1.0]], 0.1, context=3.0, tau_theta=4)
    assert learnt.thresholds is not None
    np.testing.assert_allclose(learnt.thresholds[:, 0], [3, 3.25])
    np.testing.assert_allclose(learnt.weights[:, 0, 0], [2, 2 + 0.1 * 2 * (2 - 3)])
    start = learn("bcm", [[2.0]], [[1.0]], 0.1, tau_theta=1).thresholds
    assert start is not None
    np.testing.assert_allclose(start[:, 0], [0, 4])
    assert learn("bcm", [[2.0]], [[1.0]], 0.1, context=3.0).thresholds is None


@pytest.mark.parametrize("name", sorted(RATE_RULES))
def test_all_rules_have_one_interface(name: str):
    w, u = np.ones((2, 3)), np.arange(3.0)
    change = RATE_RULES[name](w, u, w @ u, 0.5)
    assert change.shape == (2, 3)
    np.testing.assert_array_equal(w, 1)
    np.testing.assert_array_equal(u, [0, 1, 2])


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        (r"inputs has shape \(4, 2\): must be \(n, 3\)", {"inputs": np.ones((4, 2))}),
        (r"weights has shape \(3,\): must be \(n_out, n_in\)", {"weights": np.ones(3)}),
        (r"inputs holds nan", {"inputs": np.full((4, 3), np.nan)}),
        (r"targets has shape \(4, 2\): must be \(4, 1\)", {"targets": np.ones((4, 2))}),
        (r"eta = 0: must be more than 0", {"eta": 0}),
        (r"tau_theta = 0.5: must be at least 1", {"tau_theta": 0.5}),
        (r"unknown rule 'oya'; did you mean 'oja'", {"rule": "oya"}),
    ],
)
def test_bad_input_gives_one_message(message: str, changes: dict):
    arguments = {"rule": "delta", "weights": np.ones((1, 3)), "inputs": np.ones((4, 3)), "eta": 0.1} | changes
    with pytest.raises((ParameterError, UnknownNameError), match=message):
        learn(**arguments)
