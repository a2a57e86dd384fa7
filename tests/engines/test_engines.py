"""Both engines: segments, prior and noise against closed forms, learning modes, wrong arguments."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from helpers.small_networks import (
    FAST,
    PARAMETERS,
    SLOW_PSP,
    TIMING,
    Spikes,
    begin,
    both_engines,
    chance,
    engine_of,
    resting_clocks,
    shown,
    small_network,
    theta_of,
)
from spikingsampling.engines import Drive, RuntimeEngine, make_engine
from spikingsampling.errors import EngineError, ParameterError, UnknownNameError
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import SamplingRule
from spikingsampling.network.timing import Timing

# --- segments -----------------------------------------------------------------------------------------------


@both_engines
def test_two_segments_are_one_long_one(name: str) -> None:
    """PSPs, adaptation, traces, spikes in flight and the phase of prior and noise cross the border."""
    half = {"standalone": 10.0, "runtime": 1.0}[name]
    network = small_network(SLOW_PSP.replace(b=1e-6))
    n_steps = round(2 * half / TIMING.dt)
    spikes = Spikes.random(network, n_steps, np.random.default_rng(9))
    engine = engine_of(name, network, forced=True)
    start = resting_clocks(begin(network))
    one = engine.advance(start, spikes.drive(), "map", 1)
    first = engine.advance(start, spikes.drive(stop=n_steps // 2), "map", 2)
    assert first.state["axons.in_flight"].any()
    second = engine.advance(first.state, spikes.drive(first=n_steps // 2), "map", 3)
    engine.close()
    assert 1e-3 < np.abs(one.state["lateral.theta"] - start["lateral.theta"]).max() < 3
    for variable, value in one.state.items():
        np.testing.assert_allclose(second.state[variable], value, rtol=1e-9, err_msg=variable)
    times = np.concatenate([first.times, half + second.times])
    np.testing.assert_allclose(times, one.times, atol=1e-9)
    np.testing.assert_array_equal(np.concatenate([first.neurons, second.neurons]), one.neurons)
    np.testing.assert_array_equal(np.rint(one.times / TIMING.dt), spikes.output_steps)


@both_engines
def test_spikes_in_flight_at_the_border_arrive_after_the_delay(name: str) -> None:
    """Neurons fire 1, 2, 5 and 6 steps before the border, one of them twice; each PSP begins 5 steps after."""
    network = small_network(SLOW_PSP.replace(b=0, adaptation=0))
    n = round(1.0 / TIMING.dt)
    before, neurons = np.array([1, 2, 2, 3, 5, 6, 7]), np.array([0, 4, 7, 7, 5, 1, 8])
    spikes = Spikes(2 * n, np.zeros(0, int), np.zeros(0, int), n - before, neurons)
    engine = engine_of(name, network, forced=True)
    start = resting_clocks(begin(network))
    middle = engine.advance(start, spikes.drive(stop=n), "off", 1).state
    end = engine.advance(middle, spikes.drive(first=n), "off", 1).state
    engine.close()
    theta = theta_of(network, start)[:, network.n_inputs + neurons]
    w = np.maximum(0.0, np.exp(theta - 3) - math.exp(-3))
    for state, last_step in ((middle, n - 1), (end, 2 * n - 1)):  # a state is that of its last step
        age = (last_step - (n - before + 5)) * TIMING.dt
        for variable, tau in (("psp_fall", 0.5), ("psp_rise", 0.1)):
            expected = w @ np.where(age >= 0, np.exp(-age / tau), 0)
            np.testing.assert_allclose(state[f"neurons.{variable}"], expected, rtol=1e-9)


@both_engines
def test_the_clock_of_a_circuit_and_a_due_input_spike_cross_the_border(name: str) -> None:
    network = small_network(PARAMETERS.replace(rho_net="0.01 Hz", tau_fall="1 s", tau_rise="0.1 s"))
    state = resting_clocks(begin(network))
    state["circuits.t_next"][1] = 1.4996  # in the second segment
    state["inputs.t_next"][3] = -4e-4  # fell between the last step before the segment and its first
    silent = np.zeros((5, network.n_inputs))
    engine = engine_of(name, network, frames=silent)
    drive = shown(1.0, row=0)
    first = engine.advance(state, drive, "off", 1)
    second = engine.advance(first.state, drive, "off", 2)
    engine.close()
    assert len(first.times) == 0
    assert second.times[0] == pytest.approx(0.5)
    assert network.circuit[second.neurons[0]] == 1
    x = first.state["inputs.x_fall"] * np.exp(first.state["inputs.origin"] / 1.0)
    np.testing.assert_allclose(x, np.where(np.arange(60) == 3, math.exp(-1), 0), rtol=1e-9)


# --- prior and noise ----------------------------------------------------------------------------------------


@both_engines
def test_without_examples_theta_is_an_ornstein_uhlenbeck_process(name: str) -> None:
    """Closed-form mean and variance after each of three segments, and noise that never repeats."""
    b, temperature, length = 0.2, 0.6, 1.0
    network = small_network(PARAMETERS.replace(b=b, temperature=temperature, n_examples=0))
    state = begin(network)
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = np.full(len(pathway), 1.7)
    engine = engine_of(name, network)
    seeds = {"standalone": range(10), "runtime": range(2)}[name]
    paths = []
    for seed in seeds:
        path, now = [state], state
        for segment in range(3):
            now = engine.advance(now, shown(length), "sampling", 100 * seed + segment).state
            path.append(now)
        paths.append([np.concatenate([s["feedforward.theta"], s["lateral.theta"]]) for s in path])
    engine.close()
    theta = np.array(paths)  # (seeds, borders, synapses)
    n = theta[:, 0].size
    for segment in (1, 2, 3):
        decay = math.exp(-b * segment * length / 0.8**2)
        mean, variance = 0.3 + decay * (1.7 - 0.3), temperature * 0.8**2 * (1 - decay**2)
        found = theta[:, segment].ravel()
        assert abs(found.mean() - mean) < chance(6) * math.sqrt(variance / n)
        assert abs(found.var() - variance) < chance(6) * variance * math.sqrt(2 / n)
    step = math.exp(-b * length / 0.8**2)
    noise = theta[:, 1:] - (0.3 + step * (theta[:, :-1] - 0.3))
    streams = noise.reshape(-1, theta.shape[2])  # one row per seed and segment
    correlation = np.corrcoef(streams)[np.triu_indices(len(streams), 1)]
    assert np.abs(correlation).max() < chance(len(correlation)) / math.sqrt(theta.shape[2])


class LogisticPrior:
    """p(θ) = e^{−θ}/(1 + e^{−θ})²."""

    grad_log_density_code = "-tanh(theta/2)"

    def log_density(self, theta):
        return stats.logistic.logpdf(theta)

    def grad_log_density(self, theta):
        return -np.tanh(np.asarray(theta) / 2)

    def sample(self, rng, size):
        return rng.logistic(size=size)


def test_another_prior_is_reached_by_its_gradient() -> None:
    """30 units of b t from a point: the slowest decay of this process is e^{−bt/4}, so 5e-4 of it is left."""
    timing = Timing(dt=0.1, frame_period=0.1, update_period=0.1, segment=300.0, delay=0.1)
    temperature = 1.0
    p = CircuitParameters(
        prior=LogisticPrior(), b=0.1, n_examples=0, theta_floor=-50, temperature=temperature
    )
    network = small_network(p)
    state = resting_clocks(begin(network, timing=timing))
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = np.full(len(pathway), 2.0)
    engine = engine_of("runtime", network, timing=timing, frames=np.zeros((1, 60)))
    end = engine.advance(state, shown(300.0, timing=timing, row=0), "sampling", 3).state
    theta = np.concatenate([end["feedforward.theta"], end["lateral.theta"]])
    # An Euler step of bD = 0.01 widens the law by about 0.1 %, the standard error of the variance is 10 %.
    assert stats.kstest(theta, stats.logistic.cdf).pvalue > 1e-4
    variance = math.pi**2 / 3
    assert abs(theta.var() - variance) < chance() * variance * math.sqrt(3.2 / len(theta))


# --- learning modes -----------------------------------------------------------------------------------------


@both_engines
def test_learning_modes(name: str) -> None:
    network, cold = small_network(FAST), small_network(FAST.replace(temperature=0))
    state, drive = begin(network), shown(1.0)
    engine, at_zero = engine_of(name, network), engine_of(name, cold)
    end = {mode: engine.advance(state, drive, mode, 5).state for mode in ("sampling", "map", "off")}
    frozen = at_zero.advance(state, drive, "sampling", 5).state
    for closing in (engine, at_zero):
        closing.close()
    for variable in ("feedforward.theta", "lateral.theta"):
        np.testing.assert_array_equal(end["map"][variable], frozen[variable])
        np.testing.assert_array_equal(end["off"][variable], state[variable])
        assert np.abs(end["sampling"][variable] - end["map"][variable]).max() > 0.01
    with pytest.raises(ParameterError, match=r"learning = 'hebb'.*sampling, map, likelihood, off"):
        engine.advance(state, drive, "hebb", 5)


class _Ungated(SamplingRule):
    """Its constants are those of learning even where learning is off."""

    def constants(self, parameters, learning, update_period):
        return super().constants(parameters, "likelihood", update_period)


@both_engines
def test_where_learning_is_off_the_rule_is_not_executed(name: str) -> None:
    """Learning that is off costs nothing, whatever the rule: not its constants stop it, but that nothing happens."""
    network = replace(small_network(FAST), rule=_Ungated())
    state = begin(network)
    engine = engine_of(name, network)
    end = {mode: engine.advance(state, shown(1.0), mode, 5).state for mode in ("likelihood", "off")}
    engine.close()
    for variable in ("feedforward.theta", "lateral.theta"):
        assert np.abs(end["likelihood"][variable] - state[variable]).max() > 0.01
        np.testing.assert_array_equal(end["off"][variable], state[variable])


@both_engines
def test_likelihood_without_input_only_shrinks_the_winners(name: str) -> None:
    """θ −= N b w min(cap, α e^w) at each spike of the neuron, and nothing else, floor and cap included."""
    network = small_network(FAST.replace(alpha_cap=0.2, n_examples=300))
    state = begin(network, lateral=False)
    engine = engine_of(name, network, frames=np.zeros((5, network.n_inputs)))
    outcome = engine.advance(state, shown(1.0, row=0), "likelihood", 5)
    engine.close()
    theta = state["feedforward.theta"].copy()
    spikes = np.bincount(outcome.neurons, minlength=network.n_neurons)
    assert spikes.sum() > 200
    for k, n in enumerate(spikes):
        row = network.feedforward.post_index == k
        for _ in range(n):
            w = np.exp(theta[row] - 3)
            theta[row] -= 0.3 * w * np.minimum(0.2, math.exp(-2) * np.exp(w))
    np.testing.assert_allclose(outcome.state["feedforward.theta"], theta, rtol=0, atol=1e-12)


@both_engines
def test_the_floor_holds(name: str) -> None:
    network = small_network(PARAMETERS.replace(b=1.0, temperature=50.0, theta_floor=-1.0, n_examples=0))
    engine = engine_of(name, network)
    theta = engine.advance(begin(network), shown(1.0), "sampling", 1).state["feedforward.theta"]
    engine.close()
    assert theta.min() == -1
    assert 0 < np.mean(theta == -1) < 0.9


@both_engines
def test_a_synapse_that_is_gone_never_carries_weight_again(name: str) -> None:
    """Its θ may rise under prior and noise, but no PSP passes and no learning moves it."""
    network = small_network(PARAMETERS.replace(b=0.05, adaptation=0))
    state = begin(network)
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = np.full(len(pathway), 3.0)
        state[f"{pathway.name}.intact"] = np.zeros(len(pathway))
    kept = network.feedforward.post_index == 2
    state["feedforward.intact"][kept] = 1
    engine = engine_of(name, network)
    end = engine.advance(state, shown(1.0), "sampling", 1).state
    learnt = engine.advance(state, shown(1.0), "likelihood", 1).state
    engine.close()
    assert end["neurons.psp_fall"][2] > 0
    assert not np.delete(end["neurons.psp_fall"], 2).any()
    np.testing.assert_array_equal(end["feedforward.intact"], state["feedforward.intact"])
    assert np.ptp(end["feedforward.theta"][~kept]) > 0.1
    np.testing.assert_array_equal(learnt["feedforward.theta"][~kept], 3.0)
    assert np.all(learnt["feedforward.theta"][kept] != 3.0)


# --- the two engines ----------------------------------------------------------------------------------------


def test_both_engines_draw_the_same_spikes() -> None:
    """Both use the Mersenne Twister in the same order. θ agrees to rounding only: g++ may reorder sums and
    NumPy has an exponential function of its own."""
    network = small_network(FAST)
    state = begin(network)
    outcomes = []
    for name in ("standalone", "runtime"):
        engine = engine_of(name, network)
        now, found = state, []
        for seed in (7, 8):
            found.append(engine.advance(now, shown(1.0, seed), "sampling", seed))
            now = found[-1].state
        outcomes.append(found)
        engine.close()
    for one, other in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(one.neurons, other.neurons)
        np.testing.assert_allclose(one.times, other.times, rtol=0, atol=1e-12)
        for variable, value in one.state.items():
            np.testing.assert_allclose(other.state[variable], value, rtol=1e-9, atol=1e-12, err_msg=variable)


@both_engines
def test_a_segment_is_a_function_of_its_arguments(name: str) -> None:
    """Same bits from the same seed, whatever ran before; the caller's random numbers and state are untouched."""
    network = small_network(FAST)
    engine, state = engine_of(name, network), begin(network)
    before = {variable: value.copy() for variable, value in state.items()}
    np.random.seed(3)  # noqa: NPY002
    first = engine.advance(state, shown(1.0), "sampling", 4)
    drawn = np.random.random(3)  # noqa: NPY002
    engine.advance(first.state, shown(1.0, 1), "map", 5)
    again = engine.advance(state, shown(1.0), "sampling", 4)
    other = engine.advance(state, shown(1.0), "sampling", 5)
    engine.close()
    np.testing.assert_array_equal(first.times, again.times)
    assert not np.array_equal(first.times, other.times)
    for variable, value in first.state.items():
        np.testing.assert_array_equal(again.state[variable], value)
    for variable, value in before.items():
        np.testing.assert_array_equal(state[variable], value)
    np.testing.assert_array_equal(drawn, np.random.RandomState(3).random(3))


def test_runtime_engines_with_other_time_steps_do_not_disturb_each_other() -> None:
    network = small_network(FAST)
    fine_timing = Timing(0.5e-3, 0.2, 1.0, 1.0, 5e-3)
    alone = engine_of("runtime", network).advance(begin(network), shown(1.0), "map", 1)
    coarse = engine_of("runtime", network)
    engine_of("runtime", network, timing=fine_timing)
    after = coarse.advance(begin(network), shown(1.0), "map", 1)
    np.testing.assert_array_equal(after.times, alone.times)


# --- wrong arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": 0.0}, "dt = 0.0 s"),
        ({"dt": math.nan}, "dt = nan s"),
        ({"dt": math.inf}, "dt = inf s"),
        ({"frame_period": 0.6}, "frame_period = 0.6 s: must be at most 0.5 s"),
        ({"frame_period": 0.0105}, "frame_period = 0.0105 s: must be a whole multiple of dt = 0.001 s"),
        ({"update_period": math.nan}, "update_period = nan s"),
        ({"update_period": 0.7}, "segment = 60 s: must be a whole multiple of update_period"),
        ({"segment": -60.0}, "segment = -60 s"),
        ({"segment": math.inf}, "segment = inf s"),
        ({"segment": 60.1}, "segment = 60.1 s: must be a whole multiple of frame_period"),
        ({"delay": 0.0}, "delay = 0 s"),
        ({"delay": 5.5e-3}, "delay = 0.0055 s: must be a whole multiple of dt"),
    ],
)
def test_wrong_timing(change: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Timing(**change)


@pytest.mark.parametrize(
    ("drive", "message"),
    [
        (shown(21.0), "duration = 21 s: must be at most a segment, 20 s"),
        (Drive(0.0, np.zeros((0, 2), int)), "duration = 0 s"),
        (Drive(math.nan, np.zeros((5, 2), int)), "duration = nan s"),
        (Drive(1.4, np.zeros((7, 2), int)), "duration = 1.4 s: must be a whole multiple of update_period"),
        (Drive(1.0, np.zeros((4, 2), int)), r"schedule has shape \(4, 2\): must be \(5, 2\)"),
        (Drive(1.0, np.zeros((5, 1), int)), r"schedule has shape \(5, 1\)"),
        (Drive(1.0, np.full((5, 2), 5)), "schedule: frames must lie in 0 … 4"),
        (Drive(1.0, np.full((5, 2), -1)), "schedule: frames must lie in 0 … 4"),
    ],
)
def test_wrong_drive(drive: Drive, message: str) -> None:
    network = small_network()
    for name in ("standalone", "runtime"):
        with pytest.raises(ParameterError, match=message):
            engine_of(name, network).advance(begin(network), drive, "map", 1)


def test_a_segment_shorter_than_the_delay_is_refused() -> None:
    p = PARAMETERS.replace(lateral_delay="0.4 s")
    timing = Timing(1e-3, 0.2, 0.2, 1.0, 0.4)
    network = small_network(p)
    engine = engine_of("runtime", network, timing=timing)
    with pytest.raises(ParameterError, match=r"duration = 0.2 s: must be at least the lateral delay, 0.4 s"):
        engine.advance(begin(network, timing=timing), shown(0.2), "map", 1)


@both_engines
def test_a_network_that_diverges_is_stopped(name: str) -> None:
    """Nothing holds weights back where α e^w is capped below x; no such state reaches a recording."""
    network = small_network(FAST.replace(n_examples=1e4, alpha_cap=1e-3))
    engine = engine_of(name, network)
    with pytest.raises(EngineError, match=r"diverged.*theta.*alpha_cap"):
        engine.advance(begin(network), shown(1.0), "sampling", 1)
    engine.close()


def test_unknown_engine_and_target() -> None:
    network = small_network()
    with pytest.raises(UnknownNameError, match="unknown engine 'standalon'; did you mean 'standalone'"):
        make_engine("standalon", network, TIMING, np.zeros((1, 60)))
    with pytest.raises(ParameterError, match="target = 'c': must be one of auto, cython, numpy"):
        RuntimeEngine(network, TIMING, np.zeros((1, 60)), target="c")
