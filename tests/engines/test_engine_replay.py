"""Both engines against the exact reference, with prescribed spikes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.small.networks import (
    FAST,
    PRIOR,
    SLOW_PSP,
    TIMING,
    Spikes,
    begin,
    both_engines,
    by_neuron,
    engine_of,
    resting_clocks,
    small_network,
    theta_of,
)
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.reference import Replay, replay
from spikingsampling.network.reference.steps import membrane_potential, weights
from spikingsampling.network.timing import Timing

#: A prior so wide that it exerts no force: the reference then only learns.
FLAT = GaussianPrior(0.0, 1e9)


def references(
    parameters: CircuitParameters,
    spikes: Spikes,
    theta: np.ndarray,
    timing: Timing,
    times: tuple | None = None,
) -> list[Replay]:
    """Each circuit by the reference; the spikes of all neurons are inputs, too, one delay later.

    ``times`` are those of inputs and outputs if they are not on the grid.
    """
    network = small_network()
    input_times, output_times = times or (spikes.input_steps * timing.dt, spikes.output_steps * timing.dt)
    duration = spikes.n_steps * timing.dt
    delayed = (
        output_times + timing.delay
        if times
        else (spikes.output_steps + timing.delay_steps) * timing.dt  # the same floats as those of the grid
    )
    arriving = delayed < duration
    pre = np.concatenate([spikes.inputs, network.n_inputs + spikes.winners[arriving]])
    pre_times = np.concatenate([input_times, delayed[arriving]])
    order = np.argsort(pre_times, kind="stable")
    runs = []
    for circuit in range(network.n_circuits):
        members = np.flatnonzero(network.circuit == circuit)
        mine = np.isin(spikes.winners, members)
        runs.append(
            replay(
                pre[order],
                pre_times[order],
                output_times[mine],
                spikes.winners[mine] - members[0],
                theta[members],
                duration,
                parameters,
            )
        )
    return runs


def advance(name, parameters, spikes, learning, timing=TIMING, seed=1):
    """θ before and after prescribed spikes, and the state after them."""
    network = small_network(parameters)
    state = resting_clocks(begin(network, seed, timing=timing))
    engine = engine_of(name, network, timing=timing, forced=True)
    end = engine.advance(state, spikes.drive(timing), learning, 1).state
    engine.close()
    return theta_of(network, state), theta_of(network, end), end


def synapses() -> np.ndarray:
    network = small_network()
    return by_neuron(network, {p.name: np.ones(len(p)) for p in network.pathways}, 0.0) == 1


# --- prescribed spikes --------------------------------------------------------------------------------------


@both_engines
@pytest.mark.parametrize("retracted_learn", [True, False])
def test_learning_is_that_of_the_reference(name: str, retracted_learn: bool) -> None:
    """On the grid nothing is approximate: feed-forward and lateral learning agree to rounding."""
    parameters = FAST.replace(retracted_learn=retracted_learn)
    spikes = Spikes.random(small_network(), 1000, np.random.default_rng(5))
    before, after, _ = advance(name, parameters, spikes, "likelihood")
    runs = references(parameters.replace(prior=FLAT), spikes, before, TIMING)
    expected = np.concatenate([run.theta for run in runs])
    assert np.abs(expected - before)[synapses()].max() > 0.1
    np.testing.assert_allclose(after[synapses()], expected[synapses()], rtol=0, atol=1e-12)
    retracted = synapses() & (before <= 0)
    assert np.any(retracted)
    assert np.any(after[retracted] != before[retracted]) == retracted_learn


@both_engines
def test_potentials_and_traces_are_those_of_the_reference(name: str) -> None:
    spikes = Spikes.random(small_network(), 1000, np.random.default_rng(6))
    still = SLOW_PSP.replace(b=0)
    before, after, end = advance(name, still, spikes, "sampling")
    np.testing.assert_array_equal(after, before)
    runs = references(still, spikes, before, TIMING)
    u = [membrane_potential(weights(r.theta, still), r.state.x, r.state.beta(still), still) for r in runs]

    def later(variable: str, tau: float) -> np.ndarray:  # the last step of a segment lies dt before its end
        return end[f"neurons.{variable}"] * math.exp(-TIMING.dt / tau)

    psp = later("psp_fall", 0.5) - later("psp_rise", 0.1)
    beta = -0.5 * (later("adaptation_fall", 30.0) - later("adaptation_rise", 10.0))
    np.testing.assert_allclose(psp + beta, np.concatenate(u), rtol=1e-10)
    x = [end[f"{g}.x_fall"] * np.exp(end[f"{g}.origin"] / 0.5) for g in ("inputs", "axons")]
    np.testing.assert_allclose(np.concatenate(x), runs[0].state.psp_fall, rtol=1e-10)


@both_engines
def test_a_psp_carries_the_weight_after_the_learning_of_its_step(name: str) -> None:
    """Input 0 and neuron 0 fire in the same step: the PSP is not yet seen by the rule, but has its weight."""
    network = small_network(SLOW_PSP.replace(b=1e-3))
    spikes = Spikes(1000, np.array([700]), np.array([0]), np.array([700]), np.array([0]))
    engine = engine_of(name, network, forced=True)
    start = resting_clocks(begin(network, lateral=False))
    start["feedforward.theta"][:] = 2.0
    end = engine.advance(start, spikes.drive(), "likelihood", 1).state
    engine.close()
    w = math.exp(-1)
    learnt = 2.0 - 0.1 * w * math.exp(w - 2)
    assert end["feedforward.theta"][0] == pytest.approx(learnt, abs=1e-12)
    psp = (math.exp(learnt - 3) - math.exp(-3)) * math.exp(-0.299 / 0.5)
    assert end["neurons.psp_fall"][0] == pytest.approx(psp, rel=1e-10)


def sensitivity(parameters: CircuitParameters, runs: list[Replay], spikes: Spikes) -> list[np.ndarray]:
    """Bound of ∂(learning steps of a row)/∂θ, summed over its spikes, (K, n_in) per circuit.

    d/dθ N b w (x − α e^w) = N b w (x − α e^w (1 + w)).
    """
    network, p, bounds = small_network(), parameters, []
    for circuit, run in enumerate(runs):
        members = np.flatnonzero(network.circuit == circuit)
        winners = spikes.winners[np.isin(spikes.winners, members)] - members[0]
        bound = np.zeros(run.theta.shape)
        for j, k in enumerate(winners):
            w = run.w[k, :, j]
            bound[k] += p.n_examples * p.b * w * (run.x[:, j] + p.alpha * np.exp(w) * (1 + w))
        bounds.append(bound)
    return bounds


@both_engines
def test_prior_acts_at_most_one_update_period_early(name: str) -> None:
    """With the prior, |Δθ| ≤ ε (e^Λ − 1) + Euler error of the reference.

    Until the end of its update period D the network is ahead by at most ε = b D max|μ − θ|/σ²; Λ is the summed
    sensitivity of the learning steps. Times 2, since both are taken along the path of the reference.
    """
    spikes = Spikes.random(small_network(), 1000, np.random.default_rng(7))
    errors, bounds = [], []
    timings = {"runtime": (1.0, 0.2), "standalone": (TIMING.update_period,)}[name]
    for update_period in timings:
        timing = Timing(TIMING.dt, TIMING.frame_period, update_period, TIMING.segment, TIMING.delay)
        before, after, _ = advance(name, FAST, spikes, "map", timing)
        runs = references(FAST, spikes, before, timing)
        expected = np.concatenate([run.theta for run in runs])
        growth = np.expm1(np.concatenate(sensitivity(FAST, runs, spikes)))
        force = np.abs(np.stack([before, expected]) - PRIOR.mean).max() / PRIOR.sd**2
        euler = 0.5 * FAST.b**2 * 0.1 * force / PRIOR.sd**2  # intervals between output spikes are below 0.1 s
        bounds.append((2 * FAST.b * update_period * force * growth + euler)[synapses()])
        errors.append(np.abs(after - expected)[synapses()])
        assert np.all(errors[-1] <= bounds[-1] + 1e-12)
        without = references(FAST.replace(prior=FLAT), spikes, before, timing)
        pull = np.abs(np.concatenate([run.theta for run in without]) - expected)[synapses()]
        assert np.median(errors[-1]) < 0.1 * np.median(pull)  # the prior itself is seen
    if name == "runtime":
        assert errors[1].mean() < 0.5 * errors[0].mean()


def test_the_error_of_rounding_spikes_to_the_grid_shrinks_with_the_step() -> None:
    """Spikes anywhere, moved to the nearest step: |Δθ| ≤ e^Λ Σ N b w |Δx|, with x moved by at most dt·max|x'|.

    The engines give the same spikes and θ on a grid, so one of them is enough.
    """
    rng = np.random.default_rng(8)
    coarse = Spikes.random(small_network(), 500, rng)  # at most one spike per 2 ms and neuron: none is lost
    input_times = (coarse.input_steps + rng.random(len(coarse.inputs)) / 2) * 2e-3
    output_times = (coarse.output_steps + rng.random(len(coarse.winners)) / 2) * 2e-3
    order = np.argsort(input_times), np.argsort(output_times)
    input_times, output_times = input_times[order[0]], output_times[order[1]]
    inputs, winners = coarse.inputs[order[0]], coarse.winners[order[1]]
    p, rms = FAST.replace(prior=FLAT), []
    for dt in (1e-3, 0.5e-3, 0.25e-3):
        timing = Timing(dt, 0.2, 1.0, 1.0, 5e-3)
        spikes = Spikes(
            timing.steps,
            np.rint(input_times / dt).astype(int),
            inputs,
            np.rint(output_times / dt).astype(int),
            winners,
        )
        before, after, _ = advance("runtime", FAST, spikes, "likelihood", timing)
        runs = references(p, spikes, before, timing, (input_times, output_times))
        expected = np.concatenate([run.theta for run in runs])
        error = np.abs(after - expected)[synapses()]
        # Σ |x'| over past spikes is below that of the kernel summed over all of them on the 2 ms grid.
        steepest = (1 / p.tau_fall + 1 / p.tau_rise) / (1 - math.exp(-2e-3 / p.tau_fall))
        largest_w = max(run.w.max() for run in runs)
        most_spikes = np.bincount(winners).max()
        growth = np.exp(np.concatenate(sensitivity(p, runs, spikes)).max())
        assert error.max() <= growth * most_spikes * p.n_examples * p.b * largest_w * dt * steepest
        rms.append(np.sqrt(np.mean(error**2)))
    assert rms[0] > 1e-6
    # Linear in dt: a quarter, up to what a random walk of 600 synapses leaves open.
    assert rms[2] < 0.4 * rms[0]
    assert rms[1] < 0.75 * rms[0]
