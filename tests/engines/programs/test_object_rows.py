"""What synapses do in every step: walked in rows where they lie in rows, and the same where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.engines.build import BrianObjects
from spikingsampling.engines.isolation import b2
from spikingsampling.engines.segments import Segments

N_PRE, N_POST = 13, 10
#: Two blocks; the second one has a gap in each of its rows.
ROWS = np.array(
    [(i, j) for i in range(6) for j in range(10)]
    + [(i, j) for i in range(6, N_PRE) for j in range(N_POST) if i != 9 or j > 0]
)
ORDERS = {
    "rows": ROWS,
    "columns": ROWS[np.lexsort((ROWS[:, 0], ROWS[:, 1]))],
    "twice": np.repeat(ROWS, 2, axis=0),
}


def segments_of(order: np.ndarray) -> tuple[Segments, dict[str, np.ndarray]]:
    def objects() -> BrianObjects:
        b2.defaultclock.dt = 1 * b2.ms
        before = b2.NeuronGroup(N_PRE, "a : 1", threshold="a > 1e9", name="before")
        after = b2.NeuronGroup(N_POST, "b : 1\nc : 1", name="after")
        pairs = b2.Synapses(before, after, "x : 1\nz : 1\nshift : 1 (shared)", name="pairs")
        pairs.connect(i=order[:, 0], j=order[:, 1])
        pairs.run_regularly("x = 0.5*x + a_pre*b_post", dt=1 * b2.ms, name="pairs_sum")
        pairs.run_regularly("z = a_pre + c_post*randn() + shift", dt=2 * b2.ms, name="pairs_draw")
        spikes = b2.SpikeMonitor(before, name="spikes")
        groups = {"before": before, "after": after, "pairs": pairs}
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    rng = np.random.default_rng(1)
    state = {
        "before.a": rng.normal(size=N_PRE),
        "after.b": rng.normal(size=N_POST),
        "after.c": rng.uniform(1, 2, N_POST),
        "pairs.x": rng.normal(size=len(order)),
        "pairs.z": np.zeros(len(order)),
        "pairs.shift": np.array(0.25),
    }
    return Segments(objects, state), state


@pytest.mark.parametrize("name", ORDERS)
def test_every_synapse_reads_its_own_neurons(name: str) -> None:
    order = ORDERS[name]
    segments, state = segments_of(order)
    end, _, _ = segments.advance(state, 3e-3, 5)
    product = state["before.a"][order[:, 0]] * state["after.b"][order[:, 1]]
    np.testing.assert_allclose(end["pairs.x"], state["pairs.x"] / 8 + 1.75 * product, rtol=1e-13)


def test_a_synapse_draws_the_same_number_in_whatever_order_it_is_reached() -> None:
    """The k-th synapse draws the k-th number."""
    drawn = {}
    for name in ("rows", "columns"):
        order = ORDERS[name]
        segments, state = segments_of(order)
        end, _, _ = segments.advance(state, 3e-3, 5)
        shifted = state["before.a"][order[:, 0]] + 0.25
        drawn[name] = (end["pairs.z"] - shifted) / state["after.c"][order[:, 1]]
    np.testing.assert_allclose(drawn["rows"], drawn["columns"], rtol=0, atol=1e-12)
    assert np.ptp(drawn["rows"]) > 2


def test_synapses_of_a_part_of_a_group_hear_spikes_of_all_of_it() -> None:
    """What they do in every step knows the part, and their pathway the whole group: both have the same rows."""

    def objects() -> BrianObjects:
        b2.defaultclock.dt = 1 * b2.ms
        before = b2.NeuronGroup(5000, "a : 1", threshold="a > 0", name="before")
        after = b2.NeuronGroup(N_POST, "b : 1\nheard : 1", name="after")
        pairs = b2.Synapses(
            before[:2], after, "x : 1", on_pre="heard_post += 1", delay=0 * b2.ms, name="pairs"
        )
        pairs.connect()
        pairs.run_regularly("x = x + a_pre*b_post", dt=1 * b2.ms, when="start", name="pairs_sum")
        spikes = b2.SpikeMonitor(before, name="spikes")
        groups = {"before": before, "after": after, "pairs": pairs}
        return BrianObjects(b2.Network(*groups.values(), spikes, name="network"), groups, {}, spikes)

    state = {
        "before.a": np.append([1.0, -1.0], np.ones(4998)),
        "after.b": np.arange(1.0, N_POST + 1),
        "after.heard": np.zeros(N_POST),
        "pairs.x": np.zeros(2 * N_POST),
    }
    end, times, _ = Segments(objects, state).advance(state, 3e-3, 5)
    assert len(times) == 3 * 4999
    np.testing.assert_array_equal(end["after.heard"], np.full(N_POST, 3.0))
    np.testing.assert_allclose(end["pairs.x"], 3 * np.outer([1, -1], state["after.b"]).ravel())
