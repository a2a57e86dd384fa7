"""The two patterns: the compiled task beside a plain one, the law of θ, lesions."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest

from helpers.small.networks import chance
from spikingsampling.engines.segments import Segments
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.models.reward.patterns import TASK_STEP, TwoPatterns
from spikingsampling.network.reward import RewardSampling, RewardSignal, StochasticNeuron

SMALL = TwoPatterns(
    n_networks=3,
    n_inputs=10,
    pool_size=4,
    neuron=StochasticNeuron(bias=3.0, adaptation=0.0),
    signal=RewardSignal(tau_mean="3 s"),
)


def small(**changes: Any) -> TwoPatterns:
    return SMALL.replace(**changes)


@pytest.fixture(scope="module")
def program() -> Segments:
    return Segments(SMALL.objects, SMALL.start(np.random.SeedSequence(0)))


def test_the_task_is_that_of_the_paper(program: Segments) -> None:
    """An own task, fed with the spikes, gives the same rewards and the same verdicts."""
    m, state = SMALL, SMALL.start(np.random.SeedSequence(1))
    windows = [deque(maxlen=20) for _ in range(m.n_networks)]
    balance, mean, left = np.zeros(3), np.zeros(3), state["task.left"].copy()
    correct, phases, seen = np.zeros(3), np.zeros(3), set()
    votes = np.zeros(3)
    for step in range(160):
        shown = state["task.shown"].copy()
        state, _, neurons = program.advance(state, TASK_STEP, step)
        for n in range(3):
            windows[n].append(votes[n])
            balance[n] += votes[n]
            side = {0: 0, 1: 1, 2: -1}[int(shown[n])]
            lead = side * sum(windows[n]) / 0.5
            r = 1 / (1 + np.exp(-0.2 * (lead - 25))) if lead > 0 else 0.0
            mean[n] = r + (mean[n] - r) * np.exp(-TASK_STEP / 3)
            reward = (r / max(mean[n], 0.02) if r > 0 else 0.0) + 0.02
            assert state["task.reward"][n] == pytest.approx(reward, rel=1e-9)
            left[n] -= TASK_STEP
            if left[n] < TASK_STEP / 2:
                if side:
                    phases[n] += 1
                    correct[n] += side * balance[n] > 0
                    assert state["task.shown"][n] == 0
                else:
                    assert state["task.shown"][n] in (1, 2)
                    seen.add(int(state["task.shown"][n]))
                windows[n].clear()
                balance[n], left[n] = 0, state["task.left"][n]
                assert 0.5 - 1e-9 <= left[n] <= 1 + 1e-9
            else:
                assert state["task.shown"][n] == shown[n]
        np.testing.assert_array_equal(state["task.phases"], phases)
        np.testing.assert_array_equal(state["task.correct"], correct)
        expected = np.where(
            np.repeat(state["task.shown"], 10) == 0,
            2.0,
            np.where(np.repeat(state["task.shown"], 10) == 1, state["inputs.first"], state["inputs.other"]),
        )
        np.testing.assert_array_equal(state["inputs.rate"], expected)
        np.testing.assert_array_equal(state["neurons.reward"], np.repeat(state["task.reward"], 8))
        network, member = neurons // 8, neurons % 8
        votes = np.bincount(network, np.where(member < 4, 1.0, -1.0), minlength=3)
        state = m.continued(state, TASK_STEP)
    assert seen == {1, 2}
    assert 0 < correct.sum() < phases.sum()


def test_networks_start_apart_with_the_laws_that_are_stated() -> None:
    m = small(n_networks=40, n_inputs=50)
    state = m.start(np.random.SeedSequence(2))
    theta, rates = state["synapses.theta"], state["inputs.first"]
    assert abs(theta.mean() + 0.5) < chance(4) * 0.5 / np.sqrt(theta.size)
    assert abs(theta.std() / 0.5 - 1) < chance(4) / np.sqrt(2 * theta.size)
    assert (rates.min(), rates.max()) == (2.0, 60.0)
    # 60 Gamma(0.2, 0.8) is below 2 Hz with this probability
    low = (np.random.default_rng(0).gamma(0.2, 0.8, 10**6) < 2 / 60).mean()
    assert abs((rates == 2).mean() - low) < chance(4) * np.sqrt(low * (1 - low) / rates.size)
    assert len(np.unique(theta)) == theta.size
    active = theta > 0
    np.testing.assert_allclose(state["synapses.w"][active], np.exp(theta[active] - 3))
    assert not state["synapses.w"][~active].any()


def test_without_reward_theta_has_the_law_of_prior_and_noise() -> None:
    """Steps of Euler, from where θ began; α = 0, so that nothing but prior and noise moves it."""
    rule = RewardSampling(b="0.05 /s", temperature=0.4, prior=GaussianPrior(0.3, 0.8), theta_floor=-50.0)
    m = small(n_networks=20, rule=rule.replace(theta_ceiling=50.0), signal=RewardSignal(offset=0.0))
    start = m.without_reward(m.start(np.random.SeedSequence(3)))
    end, _, _ = Segments(m.objects, start).advance(start, 10.0, 5)
    steps, b = 100, 0.005
    keep = 1 - b / 0.8**2
    mean = 0.3 + keep**steps * (start["synapses.theta"] - 0.3)
    variance = 2 * 0.4 * b * (1 - keep ** (2 * steps)) / (1 - keep**2)
    z = (end["synapses.theta"] - mean) / np.sqrt(variance)
    assert abs(z.mean()) < chance(2) / np.sqrt(z.size)
    assert abs(z.var() - 1) < chance(2) * np.sqrt(2 / z.size)
    # ... and a reward changes it
    paid, _, _ = Segments(m.objects, start).advance(m.start(np.random.SeedSequence(3)), 10.0, 5)
    assert (paid["synapses.theta"] != end["synapses.theta"]).any()


def test_a_lesion_takes_synapses_and_votes_of_neurons_and_of_no_other(program: Segments) -> None:
    m = SMALL
    state = m.lesioned(m.start(np.random.SeedSequence(4)), 1)
    post = m.ends[1] % 8
    gone = (post == 3) | (post == 7)
    np.testing.assert_array_equal(state["synapses.intact"], ~gone)
    np.testing.assert_array_equal(state["votes.vote"].reshape(3, 8)[1], [1, 1, 1, 0, -1, -1, -1, 0])
    whole = m.start(np.random.SeedSequence(4))["synapses.w"]
    np.testing.assert_array_equal(state["synapses.w"], np.where(gone, 0, whole))
    end, _, _ = program.advance(state, 1.0, 1)
    assert not end["synapses.w"][gone].any()
    assert end["synapses.w"][~gone].any()


def test_time_goes_on_from_segment_to_segment() -> None:
    """Dead times reach across segments, and thresholds fall on: a neuron that always can, fires every 20 ms."""
    neuron = StochasticNeuron(bias=12.0, adaptation=0.01, target_rate="60 Hz", dead_time="20 ms")
    m = small(n_networks=1, n_inputs=2, pool_size=1, neuron=neuron, background="0 Hz")
    state = m.start(np.random.SeedSequence(5))
    segments, trains = Segments(m.objects, state), [[], []]
    for number in range(10):
        state, times, neurons = segments.advance(state, TASK_STEP, number)
        state = m.continued(state, TASK_STEP)
        for cell, train in enumerate(trains):
            train.extend(times[neurons == cell] + number * TASK_STEP)
    for cell, train in enumerate(trains):
        np.testing.assert_allclose(np.diff(train), 0.02)
        # ϑ/0.01 is the number of spikes less 60 Hz times the whole time
        assert state["neurons.spiked"][cell] == pytest.approx(len(train) - 60 * 10 * TASK_STEP)


@pytest.mark.slow
def test_networks_learn_from_the_reward_and_from_nothing_else() -> None:
    """After 400 s the right pool leads more often; without reward, as often as by chance."""
    m = TwoPatterns(n_networks=10)
    start = m.start(np.random.SeedSequence(6))
    segments, right = Segments(m.objects, start), {}
    for name, state in (("reward", start), ("none", m.without_reward(start))):
        for number in range(8):
            before = state
            state, _, _ = segments.advance(before, 50.0, number)
            state = m.continued(state, 50.0)
        counts = [state[f"task.{what}"] - before[f"task.{what}"] for what in ("correct", "phases")]
        right[name] = counts[0] / counts[1]
    gain = right["reward"] - right["none"]
    assert gain.mean() > chance() * gain.std(ddof=1) / np.sqrt(10)
    none = right["none"]  # ties are no right answers
    assert none.mean() - 0.5 < chance() * none.std(ddof=1) / np.sqrt(10)
