"""The lever: the compiled task beside a plain one, who is connected with whom, lesions."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from spikingsampling.engines.segments import Segments
from spikingsampling.models.reward.lever import LEVER_STEP, LeverPress
from spikingsampling.network.reward import RewardSignal, StochasticNeuron

SMALL = LeverPress(
    n_networks=2,
    n_inputs=6,
    n_hidden=4,
    n_reached=3,
    pool_size=5,
    n_inhibitory=3,
    n_potential=3,
    mark=2.0,
    patience=1.25,
    neuron=StochasticNeuron(adaptation=0.01, target_rate="20 Hz"),
    signal=RewardSignal(tau_mean="3 s"),
)


@pytest.fixture(scope="module")
def program() -> Segments:
    return Segments(SMALL.objects, SMALL.start(np.random.SeedSequence(0)))


def test_the_task_is_that_of_the_paper(program: Segments) -> None:
    """An own task, fed with the votes, moves the same lever and pays the same rewards."""
    m, state = SMALL, SMALL.start(np.random.SeedSequence(1))
    state["task.order"] = np.array([1.0, -1.0])
    lever, clock, stage, mean = np.zeros(2), np.zeros(2), ["pause", "pause"], np.zeros(2)
    pause, counted = (
        state["task.pause"].copy(),
        {"trials": np.zeros(2), "successes": np.zeros(2), "seconds": np.zeros(2)},
    )
    number = {"pause": 0, "first": 1, "second": 2, "paid": 3}
    seen, late_trials, window = set(), 0, deque(maxlen=33)
    for step in range(1500):
        window.append(state["task.votes"].copy())
        rates = np.sum(window, axis=0) / 0.495
        state, _, _ = program.advance(state, LEVER_STEP, step)
        for n in range(2):
            lever[n] = 0.95 * lever[n] + 0.05 * rates[n]
            clock[n] += 0.015
            before, way = stage[n], state["task.order"][n]
            if before == "pause" and clock[n] >= pause[n] - 1e-12:
                stage[n] = "first"
            elif before == "second" and way * lever[n] > 2.0:
                stage[n] = "paid"
            elif before in ("first", "second") and clock[n] >= 1.25:
                stage[n], late_trials = "pause", late_trials + 1
            elif before == "first" and way * lever[n] < -2.0:
                stage[n] = "second"
            elif before == "paid" and clock[n] >= 0.3 - 1e-12:
                stage[n] = "pause"
            if before in ("first", "second") and stage[n] in ("paid", "pause"):
                counted["trials"][n] += 1
                counted["successes"][n] += stage[n] == "paid"
                counted["seconds"][n] += clock[n]
            if stage[n] != before and stage[n] != "second":
                clock[n] = 0.0
            if stage[n] == "pause" and before != "pause":
                pause[n] = state["task.pause"][n]
                assert 0.5 <= pause[n] <= 1
            r = float(stage[n] == "paid")
            mean[n] = r + (mean[n] - r) * np.exp(-LEVER_STEP / 3)
            assert state["task.reward"][n] == pytest.approx(r / max(mean[n], 0.02) + 0.02, rel=1e-9)
            assert state["task.stage"][n] == number[stage[n]], step
            seen.add(stage[n])
        np.testing.assert_allclose(state["task.lever"], lever, rtol=1e-9, atol=1e-12)
        for name, values in counted.items():
            np.testing.assert_allclose(state[f"task.{name}"], values, rtol=1e-9, atol=1e-9)
        cued = np.isin(stage, ("first", "second"))
        expected = np.where(np.repeat(cued, 6), state["inputs.shown"], 2.0)
        np.testing.assert_array_equal(state["inputs.rate"], expected)
        state = m.continued(state, LEVER_STEP)
    assert seen == set(number)
    assert late_trials and (counted["successes"] > 0).all()


def test_pairs_are_those_of_the_network() -> None:
    m = SMALL
    pre, post = m.pairs("inputs")
    assert len(pre) == 2 * 6 * 3
    assert set(post % 14) == {0, 1, 2}
    pre, post = m.pairs("lateral")
    assert len(pre) == 2 * 14 * 14
    state = m.start(np.random.SeedSequence(2))
    assert not state["lateral_pairs.n_synapses"][pre == post].any()
    assert not state["lateral_pairs.w"][pre == post].any()
    assert len({*zip(pre, post, strict=True)}) == len(pre)
    np.testing.assert_array_equal(pre // 14, post // 14)  # networks are apart
    pre, post = m.pairs("lever")
    np.testing.assert_array_equal(pre % 14, np.tile(np.arange(4, 14), 2))
    np.testing.assert_array_equal(post, pre // 14)


def test_its_weights_are_the_sum_over_synapses_that_exist() -> None:
    state = SMALL.start(np.random.SeedSequence(3))
    count = state["lateral_pairs.n_synapses"]
    assert set(count) == {0, 1, 2, 3}
    for pair in (0, 17, 100):
        theta = [state[f"lateral_pairs.theta_{k}"][pair] for k in range(int(count[pair]))]
        expected = sum(np.exp(value - 3) for value in theta if value > 0)
        assert state["lateral_pairs.w"][pair] == pytest.approx(expected)
    fixed = state["exciting.w"]
    assert (fixed[fixed != 0] > 0).all() and (state["inhibiting.w"] <= 0).all()


def test_a_lesion_takes_every_synapse_of_the_neurons_that_go(program: Segments) -> None:
    m = SMALL
    state = m.lesioned(m.start(np.random.SeedSequence(4)), 2)
    gone = np.isin(np.arange(28) % 14, (2, 3))
    (_, to), (before, after) = m.pairs("inputs"), m.pairs("lateral")
    np.testing.assert_array_equal(state["input_pairs.intact"] == 0, gone[to])
    np.testing.assert_array_equal(state["lateral_pairs.intact"] == 0, gone[before] | gone[after])
    np.testing.assert_array_equal(state["exciting.w"].reshape(28, 3)[gone], 0)
    whole = m.start(np.random.SeedSequence(4))
    np.testing.assert_array_equal(
        state["exciting.w"].reshape(28, 3)[~gone], whole["exciting.w"].reshape(28, 3)[~gone]
    )
    end, _, _ = program.advance(state, 0.9, 1)
    assert not end["lateral_pairs.w"][gone[before] | gone[after]].any()
    assert end["lateral_pairs.w"].any()
