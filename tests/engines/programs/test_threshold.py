"""Who fires is found in words of 64 conditions."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.engines.build import BrianObjects
from spikingsampling.engines.isolation import b2
from spikingsampling.engines.segments import Segments


@pytest.mark.parametrize("n", [1, 63, 64, 65, 128, 4500])
def test_those_that_fire_are_listed_in_order(n: int) -> None:
    """In each step others fire: of each 64 none, one, … and all, with those at both ends."""

    def objects() -> BrianObjects:
        b2.defaultclock.dt = 1 * b2.ms
        neurons = b2.NeuronGroup(
            n,
            "fires : 1\nv : 1\nheard : 1",
            threshold="v > 0.5",
            reset="heard += 1",
            name="neurons",
        )
        neurons.run_regularly("v = int(fires < t/dt - 0.5)", dt=1 * b2.ms, when="start", name="neurons_move")
        spikes = b2.SpikeMonitor(neurons, name="spikes")
        groups = {"neurons": neurons}
        return BrianObjects(b2.Network(neurons, spikes, name="network"), groups, {}, spikes)

    order = np.random.default_rng(7).permuted(np.tile(np.arange(64.0), (n // 64 + 1, 1)), axis=1)
    fires = order.ravel()[:n]  # neuron i fires from step fires[i] + 1 on
    state = {
        "neurons.fires": fires,
        "neurons.v": np.zeros(n),
        "neurons.heard": np.zeros(n),
    }
    end, times, who = Segments(objects, state).advance(state, 66e-3, 5)
    steps = np.arange(66)
    expected = [np.flatnonzero(fires < step) for step in steps]
    np.testing.assert_array_equal(who, np.concatenate(expected))
    np.testing.assert_allclose(times, 1e-3 * np.repeat(steps, [len(group) for group in expected]), atol=1e-9)
    np.testing.assert_array_equal(end["neurons.heard"], 65 - fires)
