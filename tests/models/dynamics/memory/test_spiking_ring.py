"""The spiking ring, step by step beside NumPy, and its neurons and synapses beside closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikingsampling.engines.segments import Segments
from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.memory.spiking_ring import SpikingRing, State

SMALL = SpikingRing(n_excitatory=64, drive="0 Hz", tolerance=1e-13, dt="0.1 ms")
CARRIED = ("v", "ampa", "x", "s")


def segments_of(ring: SpikingRing) -> Segments:
    return Segments(ring.objects, ring.start(np.random.SeedSequence(0)), dt=ring.dt)


@pytest.fixture(scope="module")
def waves() -> Segments:
    return segments_of(SMALL)


def excited(ring: SpikingRing) -> State:
    """Currents of up to 3000 and 500 pA, some gates open."""
    rng = np.random.default_rng(2)
    n, outer = ring.n_neurons, np.arange(ring.n_neurons) < ring.n_excitatory
    return ring.start(np.random.SeedSequence(1)) | {
        "neurons.current": np.where(outer, 3000, 500) * rng.uniform(0, 1, n),
        "neurons.ampa": rng.uniform(0, 1, n),
        "neurons.s": outer * rng.uniform(0, 0.5, n),
        "pool.gaba": np.array([2.5]),
    }


def reference(ring: SpikingRing, state: State, n_steps: int) -> tuple[State, list[tuple[int, int]]]:
    """The same steps without input from outside, from the equations of the paper, with dense weights."""
    s = {name.split(".")[1]: np.array(values, dtype=float) for name, values in state.items()}
    n_exc, dt, scale = ring.n_excitatory, ring.dt, 2048 / ring.n_excitatory
    outer = np.arange(ring.n_neurons) < n_exc
    j_minus = ring.footprint.j_minus
    distance = np.abs(np.angle(np.exp(1j * (ring.directions[:, None] - ring.directions))))
    j = j_minus + (ring.j_plus - j_minus) * np.exp(-((distance / math.radians(ring.sigma_degrees)) ** 2) / 2)
    capacity, leak = np.where(outer, 0.5, 0.2), np.where(outer, 25.0, 20.0)
    wait = np.where(outer, 20, 10)
    last, spikes = np.full(ring.n_neurons, -10_000), []

    def mean(tau: float) -> float:
        return (1 - math.exp(-dt / tau)) * tau / dt

    for step in range(n_steps):
        block = 1 / (1 + np.exp(-0.062 * s["v"]) / 3.57)
        sums = np.concatenate([j @ s["s"][:n_exc], np.full(ring.n_neurons - n_exc, s["s"][:n_exc].sum())])
        ampa = np.where(outer, ring.g_ext_e, ring.g_ext_i) * s["ampa"] * mean(0.002)
        nmda = np.where(outer, ring.g_ee, ring.g_ei) * scale * sums * block
        gaba = np.where(outer, ring.g_ie, ring.g_ii) * scale * s["gaba"] * mean(0.01)
        total = leak + ampa + nmda + gaba
        goal = (leak * -70 + gaba * -70 + s["current"]) / total
        v = goal + (s["v"] - goal) * np.exp(-dt * total / capacity)
        s["v"] = np.where(step - last >= wait, v, s["v"])
        opening = 500 * s["x"] * mean(0.002)
        end = opening / (opening + 10)
        s["s"] = end + (s["s"] - end) * np.exp(-dt * (opening + 10))
        s["ampa"], s["x"] = s["ampa"] * math.exp(-dt / 0.002), s["x"] * math.exp(-dt / 0.002)
        s["gaba"] = s["gaba"] * math.exp(-dt / 0.01)
        fired = (s["v"] > -50) & (step - last >= wait)
        s["gaba"] = s["gaba"] + fired[n_exc:].sum()
        s["v"][fired], s["x"][fired], last[fired] = -60, s["x"][fired] + 1, step
        spikes += [(step, neuron) for neuron in np.flatnonzero(fired)]
    return {f"neurons.{name}": s[name] for name in CARRIED} | {"pool.gaba": s["gaba"]}, spikes


def fired(ring: SpikingRing, times: np.ndarray, neurons: np.ndarray) -> list[tuple[int, int]]:
    return sorted(zip(np.rint(times / ring.dt).astype(int).tolist(), neurons.tolist(), strict=True))


def test_steps_beside_numpy(waves: Segments) -> None:
    """Sums by waves against dense ones, over 500 steps with spikes of both kinds."""
    start = excited(SMALL)
    got, times, neurons = waves.advance(start, 0.05, 1)
    expected, spikes = reference(SMALL, start, 500)
    assert fired(SMALL, times, neurons) == sorted(spikes)
    assert min(np.sum(neurons < 64), np.sum(neurons >= 64)) > 10
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], values, rtol=1e-9, atol=1e-9, err_msg=name)


def test_dense_sums_are_those_of_waves(waves: Segments) -> None:
    dense = segments_of(SMALL.replace(coupling="dense"))
    start = excited(SMALL)
    for duration in (SMALL.dt, 0.05):
        one, times, neurons = dense.advance(start, duration, 1)
        other, also_times, also_neurons = waves.advance(start, duration, 1)
        assert fired(SMALL, times, neurons) == fired(SMALL, also_times, also_neurons)
        for name in one:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-10, atol=1e-10, err_msg=name)


def test_inhibitory_neurons_inhibit_and_excitatory_ones_open_gates(waves: Segments) -> None:
    quiet = SMALL.start(np.random.SeedSequence(1)) | {"neurons.v": np.full(SMALL.n_neurons, -70.0)}
    for neurons, opened in (([63], 0), ([64], 1), ([0, 63, 64, 79], 2)):
        quiet["neurons.v"][:] = -70
        quiet["neurons.v"][neurons] = -40
        got, _, fired_ones = waves.advance(quiet, SMALL.dt, 1)
        assert fired_ones.tolist() == neurons
        assert got["pool.gaba"] == pytest.approx([opened])
        assert np.flatnonzero(got["neurons.x"]).tolist() == neurons
        assert (got["neurons.v"][neurons] == -60).all()


def test_segments_join_without_a_seam(waves: Segments) -> None:
    start = excited(SMALL)
    whole, times, neurons = waves.advance(start, 0.04, 1)
    first, early, who = waves.advance(start, 0.0137, 1)
    second, late, others = waves.advance(SMALL.continued(first, 0.0137), 0.0263, 2)
    assert fired(SMALL, np.concatenate([early, late + 0.0137]), np.concatenate([who, others])) == fired(
        SMALL, times, neurons
    )
    for name in CARRIED:
        np.testing.assert_allclose(second[f"neurons.{name}"], whole[f"neurons.{name}"], rtol=1e-9)


def test_neurons_fire_as_their_current_says(waves: Segments) -> None:
    """Without synapses: refractory time + τ log((V∞ − V_r)/(V∞ − V_θ)) from spike to spike, in whole steps.

    The first step that moves the potential is the one that begins when the refractory time is over.
    """
    start = SMALL.start(np.random.SeedSequence(1))
    current = np.full(SMALL.n_neurons, 520.0)
    current[64:] = 450.0
    current[0], current[64] = 499.0, 399.0
    off = {f"neurons.{name}": np.zeros(SMALL.n_neurons) for name in ("g_nmda", "g_gaba", "g_ext")}
    _, times, neurons = waves.advance(start | off | {"neurons.current": current}, 0.5, 1)
    assert not {0, 64} & set(neurons)  # below the rheobase, leak times 20 mV
    for neuron, leak, tau, dead, pa in ((5, 25, 0.02, 0.002, 520), (70, 20, 0.01, 0.001, 450)):
        goal = pa / leak - 70
        steps = round(dead / SMALL.dt) + math.ceil(tau * math.log((goal + 60) / (goal + 50)) / SMALL.dt)
        assert set(np.diff(np.rint(times[neurons == neuron] / SMALL.dt))) == {steps - 1}


def test_a_gate_opens_as_its_equations_say(waves: Segments) -> None:
    """A spike, 40 ms, and another spike: s' = −s/τ + α x (1 − s), by a solver of high order."""
    state = SMALL.start(np.random.SeedSequence(1))
    x = np.zeros(SMALL.n_neurons)
    x[7] = 1

    def equations(_: float, y: np.ndarray) -> list[float]:
        return [-y[0] / 0.1 + 500 * y[1] * (1 - y[0]), -y[1] / 0.002]

    expected = np.array([0.0, 0.0])
    state["neurons.v"][:] = -70
    for _ in range(2):
        expected[1] += 1
        expected = solve_ivp(equations, (0, 0.04), expected, rtol=1e-10, atol=1e-12).y[:, -1]
        state, _, neurons = waves.advance(state | {"neurons.x": state["neurons.x"] + x}, 0.04, 1)
        assert len(neurons) == 0
        # The mean of x over a step makes up for the length of steps, but for their second order.
        assert state["neurons.s"][7] == pytest.approx(expected[0], rel=2e-4)
        assert state["neurons.x"][7] == pytest.approx(expected[1], rel=1e-3)


def test_input_from_outside_is_poisson() -> None:
    """Jumps of λ = ν Δt per step that decay by a = e^{−Δt/τ}: mean λ/(1 − a), variance λ/(1 − a²)."""
    ring = SpikingRing(n_excitatory=1024, g_ee=0, g_ei=0, g_ie=0, g_ii=0, dt="0.1 ms")
    got, _, _ = segments_of(ring).advance(ring.start(np.random.SeedSequence(1)), 0.05, 3)
    ampa, a, n = got["neurons.ampa"], math.exp(-ring.dt / 0.002), ring.n_neurons
    mean, variance = 0.18 / (1 - a), 0.18 / (1 - a**2)
    assert ampa.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / n))
    # The fourth cumulant of a sum of decaying Poisson jumps is λ/(1 − a⁴).
    of_variance = math.sqrt((0.18 / (1 - a**4) + 2 * variance**2) / n)
    assert ampa.var(ddof=1) == pytest.approx(variance, abs=4 * of_variance)
    # With the mean over a step the conductance is ν τ, whatever the step.
    assert mean * ring.mean_over_step(0.002) == pytest.approx(1800 * 0.002, rel=1e-12)


def test_a_cue_has_its_shape() -> None:
    state = SMALL.shown(SMALL.start(np.random.SeedSequence(1)), SMALL.directions[63], 200.0, 0.3)
    current = state["neurons.current"]
    assert current[63] == pytest.approx(200)
    assert current[[62, 0]] == pytest.approx(200 * math.exp(-((2 * math.pi / 64 / 0.3) ** 2) / 2))
    assert (current[64:] == 0).all()


def test_conductances_scale_with_the_size() -> None:
    one, other = (SpikingRing(n_excitatory=n).start(np.random.SeedSequence(1)) for n in (1024, 2048))
    assert one["neurons.g_nmda"][0] == pytest.approx(0.762)
    assert other["neurons.g_nmda"][[0, -1]] == pytest.approx([0.381, 0.292])
    assert other["neurons.g_gaba"][[0, -1]] == pytest.approx([1.336, 1.024])
    assert other["neurons.g_ext"][[0, -1]] == pytest.approx([3.1, 2.38])
    with pytest.raises(ParameterError, match="a multiple of 4"):
        SpikingRing(n_excitatory=1026)
