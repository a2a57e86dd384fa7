"""Reaching: what the environment does, by hand, and the closed loop with the compiled networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikingsampling.engines.segments import Segments
from spikingsampling.errors import ParameterError
from spikingsampling.models.reward.reaching import Reaching
from spikingsampling.network.reward import RewardSignal
from spikingsampling.protocols.studies.reward.reaching import program_of

SMALL = Reaching(
    n_networks=2, n_inputs=4, pool_size=2, reach=0.1, signal=RewardSignal(tau_mean="1 s", offset=0.0)
)


def placed(target: float, position: tuple[float, float] = (0.0, 0.0), **world: float) -> dict[str, Any]:
    """A state in which both points are alike."""
    state = SMALL.start(np.random.SeedSequence(0))
    state["world.target"], state["world.position"] = np.full(2, target), np.tile(position, (2, 1))
    return state | {f"world.{name}": np.full(2, value) for name, value in world.items()}


def spikes(*pools: int, network: int = 0) -> np.ndarray:
    """A neuron of each of these pools."""
    return np.array([network * 16 + 2 * pool for pool in pools], dtype=np.int32)


def test_spikes_pull_the_point_and_are_paid_by_the_cosine() -> None:
    """Pools 0 and 2 pull right and up; the target 1 lies between them, and target 2 above."""
    rng = np.random.default_rng(0)
    end = SMALL.acted(placed(1.0), spikes(0, 2, 2), rng)
    np.testing.assert_allclose(end["world.position"], [[0.1, 0.2], [0, 0]], atol=1e-15)
    cosine = (1 + 2) / np.sqrt(2) / np.sqrt(5)
    mean = cosine * (1 - np.exp(-0.05))
    np.testing.assert_allclose(end["world.mean_reward"], [mean, 0], atol=1e-15)
    np.testing.assert_allclose(end["neurons.reward"], np.repeat([cosine / mean, 0], 16))
    wrong = SMALL.acted(placed(2.0), spikes(6, 6), rng)
    np.testing.assert_array_equal(wrong["neurons.reward"], 0)
    unpaid = SMALL.acted(SMALL.without_reward(placed(1.0)), spikes(1), rng)
    np.testing.assert_array_equal(unpaid["neurons.reward"], 0)


def test_other_networks_are_not_pulled() -> None:
    end = SMALL.acted(placed(0.0), spikes(4, network=1), np.random.default_rng(0))
    np.testing.assert_allclose(end["world.position"], [[0, 0], [-0.1, 0]], atol=1e-15)


def test_a_target_that_is_reached_ends_the_trial() -> None:
    state = placed(0.0, (0.75, 0.0), clock=1.0)
    end = SMALL.acted(state, spikes(0), np.random.default_rng(1))
    np.testing.assert_array_equal(end["world.reached"], [1, 0])
    np.testing.assert_array_equal(end["world.trials"], [1, 0])
    np.testing.assert_allclose(end["world.seconds"], [1.05, 0])
    np.testing.assert_allclose(end["world.clock"], [0, 1.05])
    np.testing.assert_array_equal(end["world.position"], [[0, 0], [0.75, 0]])
    assert end["world.target"][1] == 0


def test_a_trial_ends_when_its_time_is_over() -> None:
    end = SMALL.acted(placed(0.0, clock=3.95), spikes(4), np.random.default_rng(1))
    np.testing.assert_array_equal(end["world.trials"], 1)
    np.testing.assert_array_equal(end["world.reached"], 0)
    np.testing.assert_allclose(end["world.seconds"], 4.0)
    early = SMALL.acted(placed(0.0, clock=3.90), spikes(4), np.random.default_rng(1))
    np.testing.assert_array_equal(early["world.trials"], 0)


def test_inputs_code_the_direction_to_the_target() -> None:
    """From (1, 1) the target at (0, 1) lies to the left: the input that prefers 180° has the highest rate."""
    rates = SMALL.rates(placed(2.0, (1.0, 1.0))).reshape(2, 4)
    np.testing.assert_allclose(rates[0], 2 + 58 * np.exp(4 * (np.array([-1, 0, 1, 0]) - 1)), rtol=1e-6)


def test_networks_and_environment_close_the_loop() -> None:
    """What the environment sets is what the synapses get, and spikes that it reads are of their own network."""
    m = SMALL
    state = m.start(np.random.SeedSequence(2))
    segments, moved = Segments(m.objects, program_of(state)), np.zeros(2)
    for number in range(40):
        end, times, neurons = segments.advance(program_of(state), m.act, number)
        assert times.size == 0 or times.max() < m.act
        np.testing.assert_array_equal(end["neurons.reward"], state["neurons.reward"])
        counts = np.bincount(neurons // 16, minlength=2)
        np.testing.assert_array_equal(
            (end["neurons.spiked"] - state["neurons.spiked"]).reshape(2, 16).sum(axis=1).round(), counts
        )
        state = m.acted(m.continued(state | end, m.act), neurons, np.random.default_rng(number))
        moved += counts
    assert (moved > 0).all()
    assert (state["synapses.gradient"] != 0).any()


def test_a_lesion_silences_neurons() -> None:
    m = SMALL
    state = m.lesioned(m.start(np.random.SeedSequence(3)), 1)
    end, _, neurons = Segments(m.objects, program_of(state)).advance(program_of(state), 2.0, 1)
    assert len(neurons) and not (neurons % 2 == 1).any()
    post = np.tile(np.tile(np.repeat(np.arange(16), 2), 4), 2)
    assert not end["synapses.w"][post % 2 == 1].any()
    assert end["synapses.w"].any()


def test_steps_of_theta_fit_into_an_act() -> None:
    with pytest.raises(ParameterError, match=r"update_period = 0\.1 s: must divide act = 0\.05 s"):
        Reaching(rule=SMALL.rule.replace(update_period="100 ms"))
