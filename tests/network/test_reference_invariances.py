"""The reference simulator: invariances, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.small.reference_cases import DEFAULTS
from spikingsampling.errors import ParameterError
from spikingsampling.network.reference import CircuitState, replay, simulate


@st.composite
def spike_trains(draw: st.DrawFn) -> dict[str, Any]:
    """Spikes of 3 inputs and 4 neurons over 1 s, with coincidences, and θ on both sides of 0."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    grid = draw(st.sampled_from([1e-3, 0.05]))
    n_spikes, n_out = draw(st.integers(0, 60)), draw(st.integers(1, 20))

    def times(n: int) -> Any:
        return np.sort(rng.integers(0, int(1 / grid), n)) * grid

    return {
        "input_indices": rng.integers(0, 3, n_spikes),
        "input_times": times(n_spikes),
        "output_times": times(n_out),
        "winners": rng.integers(0, 4, n_out),
        "theta": rng.normal(1, 2, (4, 3)),
        "duration": 1.0,
        "noise": (rng.standard_normal((n_out, 4, 3)), rng.standard_normal((4, 3))),
    }


@given(spike_trains(), st.lists(st.floats(0, 1), max_size=10))
@settings(max_examples=50, deadline=None)
def test_traces_do_not_depend_on_how_time_is_split(run: dict[str, Any], more: list[float]) -> None:
    """Output spikes in between, of a neuron added for them, leave PSPs and the other potentials alone."""
    run = {**run, "noise": None, "theta": np.vstack([run["theta"], np.zeros(3)])}
    whole = replay(**run, parameters=DEFAULTS.replace(b=0))
    times = np.concatenate([run["output_times"], more])
    order = np.argsort(times, kind="stable")
    winners = np.concatenate([run["winners"], np.full(len(more), 4)])
    split = replay(
        **{**run, "output_times": times[order], "winners": winners[order]}, parameters=DEFAULTS.replace(b=0)
    )
    kept = order < len(run["output_times"])
    np.testing.assert_allclose(split.x[:, kept], whole.x, atol=1e-12)
    np.testing.assert_allclose(split.u[:4, kept], whole.u[:4], atol=1e-9)
    np.testing.assert_allclose(split.state.psp_fall, whole.state.psp_fall, atol=1e-12)


@given(spike_trains(), st.permutations(range(4)), st.permutations(range(3)))
@settings(max_examples=50, deadline=None)
def test_permuted_neurons_and_inputs_give_permuted_results(
    run: dict[str, Any], neurons: list[int], inputs: list[int]
) -> None:
    """Neuron k of the permuted run is neuron ``neurons[k]`` of the other; inputs likewise."""
    p = DEFAULTS.replace(b=0.01, temperature=0.5)
    grid = np.ix_(neurons, inputs)
    permuted = replay(
        **{
            **run,
            "input_indices": np.argsort(inputs)[run["input_indices"]],
            "winners": np.argsort(neurons)[run["winners"]],
            "theta": run["theta"][grid],
            "noise": (run["noise"][0][:, neurons][:, :, inputs], run["noise"][1][grid]),
        },
        parameters=p,
    )
    whole = replay(**run, parameters=p)
    np.testing.assert_allclose(permuted.x, whole.x[inputs], atol=1e-12)
    np.testing.assert_allclose(permuted.u, whole.u[neurons], atol=1e-9)
    np.testing.assert_allclose(permuted.p, whole.p[neurons], atol=1e-9)
    np.testing.assert_allclose(permuted.w, whole.w[grid], rtol=1e-9)
    np.testing.assert_allclose(permuted.theta, whole.theta[grid], atol=1e-9)


def test_arguments_are_not_changed() -> None:
    theta = np.full((2, 3), -7.0)
    replay([0], [0.1], [0.2], [1], theta, 1.0, DEFAULTS)
    start = CircuitState.at_rest(theta)
    simulate(start, [[50.0] * 3], [0], 1.0, DEFAULTS, rng=np.random.default_rng(0))
    assert np.all(theta == -7) and np.all(start.theta == -7)
    assert not any(trace.any() for trace in start[:-1])


GOOD_REPLAY: dict[str, Any] = {
    "input_indices": [0, 2],
    "input_times": [0.1, 0.2],
    "output_times": [0.1, 0.3],
    "winners": [0, 1],
    "theta": np.zeros((2, 3)),
    "duration": 1.0,
}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("input_indices", [0, 3], "input_indices holds 3: must be from 0 to 2"),
        ("input_indices", [0, -1], "input_indices holds -1"),
        ("input_indices", [0.0, 0.5], "input_indices holds 0.5: must hold integers"),
        ("input_indices", [0], r"input_indices has shape \(1,\): must be \(2,\)"),
        ("input_times", [0.2, 0.1], "input_times falls from 0.2 s to 0.1 s: must be sorted"),
        ("input_times", [-0.1, 0.1], "input_times holds -0.1 s: must be from 0 s"),
        ("input_times", [0.1, 1.5], "input_times holds 1.5 s: .* to the end at 1.0 s"),
        ("input_times", [0.1, math.nan], "input_times holds nan"),
        ("input_times", [[0.1, 0.2]], r"input_times has shape \(1, 2\): must be \(n,\)"),
        ("output_times", [0.3, 0.1], "output_times falls"),
        ("output_times", [0.3, 1.1], "output_times holds 1.1 s"),
        ("output_times", ["a", "b"], "output_times holds <U1: must hold real numbers"),
        ("winners", [0, 2], "winners holds 2: must be from 0 to 1"),
        ("winners", [0], r"winners has shape \(1,\): must be \(2,\)"),
        ("theta", np.zeros(3), r"theta has shape \(3,\): must be \(K, n_in\)"),
        ("theta", np.zeros((0, 3)), r"theta has shape \(0, 3\)"),
        ("theta", [[0.0, math.inf, 0.0]], "theta holds inf"),
        ("theta", [[0.0], [0.0, 1.0]], "theta: .* unequal length"),
        ("duration", -1, "duration = -1: must be more than 0 s"),
        ("duration", "5 Hz", "duration = '5 Hz': unit 'Hz' is wrong here"),
        ("duration", math.nan, "duration = nan: must be finite"),
        ("noise", np.zeros((2, 2, 3)), "noise is a ndarray: must be None or a pair"),
        (
            "noise",
            (np.zeros((2, 2, 3)), np.zeros((3, 2))),
            r"noise \(tail\) has shape \(3, 2\): must be \(2, 3\)",
        ),
        ("noise", (np.full((2, 2, 3), math.nan), np.zeros((2, 3))), r"noise \(per_output\) holds nan"),
    ],
)
def test_replay_refuses(name: str, value: Any, message: str) -> None:
    replay(**GOOD_REPLAY)
    with pytest.raises(ParameterError, match=message):
        replay(**{**GOOD_REPLAY, name: value})


GOOD_RUN: dict[str, Any] = {
    "start": CircuitState.at_rest(np.zeros((2, 3))),
    "rates": np.ones((2, 3)),
    "schedule": [0, 1],
    "pattern_duration": "100 ms",
    "rng": np.random.default_rng(0),
    "snapshot_times": [0.0, 0.2],
}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("start", np.zeros((2, 3)), "start is a ndarray: must be a CircuitState"),
        ("rates", np.ones((2, 4)), r"rates has shape \(2, 4\): must be \(n_patterns, 3\)"),
        ("rates", -np.ones((2, 3)), "rates holds -1.0 Hz: must be at least 0 Hz"),
        ("schedule", [0, 2], "schedule holds 2: must be from 0 to 1"),
        ("pattern_duration", 0, "pattern_duration = 0: must be more than 0 s"),
        ("rng", 7, "rng = 7: must be a numpy.random.Generator"),
        ("snapshot_times", [0.3], "snapshot_times holds 0.3 s"),
    ],
)
def test_simulate_refuses(name: str, value: Any, message: str) -> None:
    simulate(**GOOD_RUN)
    with pytest.raises(ParameterError, match=message):
        simulate(**{**GOOD_RUN, name: value})
