"""The reference simulator: the authors' fixtures and closed forms."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import integrate

from helpers.small.reference_cases import DEFAULTS, STATIC
from spikingsampling import CircuitParameters
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.reference import Replay, replay
from spikingsampling.network.reference.steps import softmax


def load(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    with np.load(folder / f"{name}.npz") as arrays:
        return dict(arrays), json.loads((folder / f"{name}.json").read_text())["parameters"]


# --- the authors' code --------------------------------------------------------------------------------------


def test_defaults_are_those_of_the_authors(authors: Path) -> None:
    _, theirs = load(authors, "fixture_learn")
    long_runs = json.loads((authors / "reference_stats.json").read_text())["parameters"]
    assert isinstance(DEFAULTS.prior, GaussianPrior)
    ours = {
        "tau_x_r": DEFAULTS.tau_rise,
        "tau_x_f": DEFAULTS.tau_fall,
        "tau_r_r": DEFAULTS.tau_adaptation_rise,
        "tau_r_f": DEFAULTS.tau_adaptation_fall,
        "eta": DEFAULTS.b,
        "w_prior_mean": DEFAULTS.prior.mean,
        "w_prior_sigma": DEFAULTS.prior.sd,
        "w_prior_N": DEFAULTS.n_examples,
        "w_offs": -math.log(DEFAULTS.alpha),
        "theta_0": DEFAULTS.theta_0,
        "theta_w_min": DEFAULTS.theta_floor,
        "w_d_max": DEFAULTS.alpha_cap,
        "w_r": DEFAULTS.adaptation,
    }
    assert ours == {name: pytest.approx(theirs[name]) for name in ours}
    assert ours == {name: pytest.approx(long_runs[name]) for name in ours}
    assert DEFAULTS.rho_net == long_runs["output_rate"]
    assert DEFAULTS.temperature == long_runs["temperature"]


@pytest.mark.parametrize("name", ["fixture_eta0", "fixture_learn"])
def test_replay_reproduces_the_authors_code(authors: Path, name: str) -> None:
    data, settings = load(authors, name)
    duration = float(data["T"])
    # Given the defaults (temperature 1): without noise, T is 0 whatever the parameters say.
    result = replay(
        data["in_idx"],
        data["in_t"],
        data["out_t"],
        data["winner"],
        data["theta_init"],
        duration,
        DEFAULTS.replace(b=settings["eta"]),
    )

    def same(ours: Any, theirs: Any) -> None:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)

    same(result.x, data["x"])
    same(result.u, data["U"])
    same(result.p, data["P"])
    same(result.state.psp_rise, data["hX_end"][:, 0])
    same(result.state.psp_fall, data["hX_end"][:, 1])
    since = duration - data["out_t"][-1]  # the authors do not decay the adaptation to the end
    same(result.state.adaptation_rise, data["hR_end"][:, 0] * np.exp(-since / 10))
    same(result.state.adaptation_fall, data["hR_end"][:, 1] * np.exp(-since / 30))
    if name == "fixture_learn":
        neuron, synapse = data["rec_w_idx"].T
        same(result.w[neuron, synapse], data["W_rec"])
        same(result.theta, data["theta_end"])


def test_the_authors_psps_are_immediate(authors: Path) -> None:
    """With kept PSPs potentials are theirs as long as nothing learns, and further off than 2 nats where it does."""
    off = {}
    for name in ("fixture_eta0", "fixture_learn"):
        data, settings = load(authors, name)
        spikes = [data[part] for part in ("in_idx", "in_t", "out_t", "winner", "theta_init")]
        kept = replay(*spikes, float(data["T"]), DEFAULTS.replace(b=settings["eta"], psp="kept"))
        off[name] = np.abs(kept.u - data["U"]).max()
    assert off["fixture_eta0"] < 1e-9
    assert off["fixture_learn"] > 2


# --- closed forms -------------------------------------------------------------------------------------------


def one_neuron(
    input_times: Any, output_times: Any, theta: float, duration: float, p: CircuitParameters
) -> Replay:
    """One neuron with one input."""
    indices, winners = np.zeros(len(input_times), dtype=int), np.zeros(len(output_times), dtype=int)
    return replay(indices, input_times, output_times, winners, [[theta]], duration, p)


def test_psp_kernel() -> None:
    s = np.linspace(0, 0.4, 4001)
    x = one_neuron([0.0], s, 0.0, 0.5, STATIC).x[0]
    np.testing.assert_allclose(x, np.exp(-s / 0.02) - np.exp(-s / 0.002), rtol=0, atol=1e-12)
    assert x.max() == pytest.approx(0.697, abs=5e-4)
    assert s[x.argmax()] == pytest.approx(5.12e-3, abs=5.1e-5)  # half a grid step
    assert integrate.simpson(x, x=s) == pytest.approx(18e-3, rel=1e-5)


def test_input_spike_at_the_time_of_an_output_spike_counts_once_and_later() -> None:
    x = one_neuron([0.1], [0.1, 0.1, 0.11], 0.0, 0.2, STATIC).x[0]
    assert x == pytest.approx([0, 0, math.exp(-0.5) - math.exp(-5)])
    assert one_neuron([0.2], [0.1], 0.0, 0.2, STATIC).state.psp_fall == 0  # strictly before the end, too


def test_adaptation_of_the_winner_only() -> None:
    # Neuron 1 fires at 1 s; neuron 2 at 17 s, and at 41 s both are seen.
    times = np.array([1.0, 17.0, 41.0])
    u = replay([], [], times, [1, 2, 2], np.zeros((3, 1)), 50.0, DEFAULTS.replace(b=0)).u

    def kernel(s: float) -> float:
        return -8 * (math.exp(-s / 30) - math.exp(-s / 10))

    assert u[0] == pytest.approx([0, 0, 0])
    assert u[1] == pytest.approx([0, kernel(16), kernel(40)])
    assert u[2] == pytest.approx([0, 0, kernel(24)])


def test_a_kept_psp_has_the_weight_of_its_spike() -> None:
    """A spike at 0 s, learning at 10 ms, another spike at 15 ms, and a look at 20 ms; no prior moves θ."""
    p = STATIC.replace(psp="kept", b=1e-3, prior=GaussianPrior(0.0, 1e9))
    result = one_neuron([0.0, 0.015], [0.01, 0.02], 2.0, 0.1, p)
    now = result.w[0, 0] - math.exp(-3)
    assert now[1] - now[0] > 1e-3

    def kernel(s: float) -> float:
        return math.exp(-s / 0.02) - math.exp(-s / 0.002)

    assert result.u[0] == pytest.approx(
        [now[0] * kernel(0.01), now[0] * kernel(0.02) + now[1] * kernel(0.005)]
    )
    immediate = one_neuron([0.0, 0.015], [0.01, 0.02], 2.0, 0.1, p.replace(psp="immediate"))
    assert immediate.u[0] == pytest.approx([now[0] * kernel(0.01), now[1] * (kernel(0.02) + kernel(0.005))])


@pytest.mark.parametrize("theta", [3.5, 1e-3, -1.0])
def test_potential_clips_retracted_synapses(theta: float) -> None:
    result = one_neuron([0.0], [0.01], theta, 0.1, STATIC)
    weight = math.exp(-3) * math.expm1(theta) if theta > 0 else 0.0
    assert result.u[0, 0] == pytest.approx(weight * result.x[0, 0], abs=1e-15)


def test_softmax_of_potentials_far_below_zero() -> None:
    p = softmax(np.array([-1600.0, -1600.0 + math.log(3)]))
    assert p == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize(("theta", "expected_psp"), [(3.0, math.exp(-1)), (4.7, 5.0), (12.0, 5.0)])
def test_learning_step_of_the_winner(theta: float, expected_psp: float) -> None:
    """One output spike right at 0, so that nothing drifts before: θ += N b w (x − min(5, α e^w))."""
    p = DEFAULTS.replace(b=1e-4)
    result = replay([], [], [0.0], [1], np.full((2, 1), theta), 1e-9, p)
    w = math.exp(theta - 3)
    step = 100 * 1e-4 * w * (0 - expected_psp)
    assert result.theta[:, 0] == pytest.approx([theta, theta + step], rel=1e-11)
    assert result.w[:, 0, 0] == pytest.approx([w, w])  # before the step


def test_retracted_synapses_learn_only_where_they_may() -> None:
    theta = np.array([[0.3, 0.0, -0.3]])
    for may in (True, False):
        p = DEFAULTS.replace(b=1e-4, retracted_learn=may)
        moved = replay([], [], [0.0], [0], theta, 1e-9, p).theta - theta
        assert (np.abs(moved) > 1e-6).tolist() == [[True, may, may]]


def test_learning_counts_the_psp() -> None:
    p = DEFAULTS.replace(b=1e-4, prior=GaussianPrior(2.0, 1.0))  # at its mean the prior exerts no force
    result = one_neuron([0.0], [0.01], 2.0, 0.01, p)
    w, x = math.exp(-1), math.exp(-0.5) - math.exp(-5)
    assert result.theta[0, 0] - 2 == pytest.approx(1e-2 * w * (x - math.exp(w - 2)))


def test_floor_holds_before_output_spikes_only() -> None:
    """The learning step and the last stretch may end below it."""
    pushed_down = DEFAULTS.replace(b=0.1, prior=GaussianPrior(-6.0, 1.0))
    assert np.log(one_neuron([], [1.0], -5.0, 1.0, pushed_down).w[0, 0, 0]) + 3 == pytest.approx(-5)
    # The prior pulls by −0.1 in the first second, none of it allowed; then learning; then half a second more.
    w = math.exp(-8)
    learnt = -5 - 10 * w * math.exp(w - 2)
    end = one_neuron([], [1.0], -5.0, 1.5, pushed_down).theta[0, 0]
    assert end == pytest.approx(learnt + 0.1 * (-6 - learnt) * 0.5, rel=1e-12)


def test_noise_amplitude_in_both_kinds_of_step() -> None:
    p = DEFAULTS.replace(temperature=2.0, b=0.01, n_examples=0)
    noise = np.array([[[1.0, -0.5]]]), np.array([[2.0, 0.25]])
    theta = np.array([[0.5, 0.5]])  # the mean of the prior
    result = replay([], [], [3.0], [0], theta, 5.0, p, noise)
    first = 0.5 + math.sqrt(2 * 2.0 * 0.01 * 3) * noise[0][0]
    last = first - 0.01 * (first - 0.5) * 2 + math.sqrt(2 * 2.0 * 0.01 * 2) * noise[1]
    np.testing.assert_allclose(np.log(result.w[..., 0]) + 3, first, rtol=1e-12)
    np.testing.assert_allclose(result.theta, last, rtol=1e-12)
    still = replay([], [], [3.0], [0], theta, 5.0, p)
    np.testing.assert_array_equal(still.theta, theta)
