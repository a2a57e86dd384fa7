"""The balanced network: who is connected, how inhibition learns, and that segments join without a seam."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.engines.segments import Segments
from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.balanced import BalancedNetwork, Connections, State

NETWORK = BalancedNetwork(n_excitatory=80, connected=0.3, drive="0 Hz", eta=0.01, target_rate="10 Hz")
CONNECTIONS = NETWORK.connections(np.random.SeedSequence(3))


@pytest.fixture(scope="module")
def segments() -> Segments:
    return Segments(lambda: NETWORK.objects(CONNECTIONS), begin(), dt=NETWORK.dt)


def begin() -> State:
    return NETWORK.start(CONNECTIONS, np.random.SeedSequence(4)) | {"neurons.v": np.zeros(NETWORK.n_neurons)}


def fired(state: State, *neurons: int) -> State:
    v = np.zeros(NETWORK.n_neurons)
    v[list(neurons)] = 1.5
    return state | {"neurons.v": v}


def test_connections_are_random_and_onto_others() -> None:
    sizes = {
        "recurrent": (80, 80),
        "forward": (80, 20),
        "onto_excitatory": (20, 80),
        "onto_inhibitory": (20, 20),
    }
    for name, (n_pre, n_post) in sizes.items():
        pre, post = CONNECTIONS[name]
        assert pre.max() < n_pre and post.max() < n_post
        n = n_pre * n_post - (n_pre if n_pre == n_post else 0)
        assert len(pre) == pytest.approx(0.3 * n, abs=4 * math.sqrt(0.21 * n))
        if n_pre == n_post:
            assert (pre != post).all()


def targets(connections: Connections, name: str, neuron: int) -> np.ndarray:
    pre, post = connections[name]
    return post[pre == neuron]


def test_jumps_of_a_spike(segments: Segments) -> None:
    state = fired(begin(), 5)
    after, _, neurons = segments.advance(state, NETWORK.dt, 1)
    assert neurons.tolist() == [5]
    v = after["neurons.v"]
    onto = targets(CONNECTIONS, "recurrent", 5)
    here = CONNECTIONS["recurrent"][0] == 5
    theta_0 = NETWORK.sampling.theta_0
    w = np.maximum(np.exp(state["recurrent.theta"][here] - theta_0) - math.exp(-theta_0), 0)
    np.testing.assert_allclose(v[onto], 0.3 * w, rtol=1e-12)
    np.testing.assert_allclose(v[80 + targets(CONNECTIONS, "forward", 5)], NETWORK.typical_jump, rtol=1e-12)
    after, _, _ = segments.advance(fired(begin(), 80), NETWORK.dt, 1)
    np.testing.assert_allclose(
        after["neurons.v"][targets(CONNECTIONS, "onto_excitatory", 0)], -0.15, rtol=1e-12
    )


def test_inhibition_weakens_alone_and_strengthens_with_its_target(segments: Segments) -> None:
    target = int(targets(CONNECTIONS, "onto_excitatory", 0)[0])
    pre, post = CONNECTIONS["onto_excitatory"]
    both = (pre == 0) & (post == target)
    alone, _, _ = segments.advance(fired(begin(), 80), NETWORK.dt, 1)
    depressed = 0.15 - 0.01 * 2 * 10 * 0.02
    np.testing.assert_allclose(alone["onto_excitatory.strength"][pre == 0], depressed, rtol=1e-12)
    assert (alone["onto_excitatory.strength"][pre != 0] == 0.15).all()
    # 5 ms later the target fires: y of the presynaptic spike has decayed for as long.
    later, _, _ = segments.advance(fired(begin(), 80), 5e-3, 1)
    state = fired(NETWORK.continued(later, 5e-3), target)
    paired, _, neurons = segments.advance(state, NETWORK.dt, 1)
    assert neurons.tolist() == [target]
    expected = depressed + 0.01 * math.exp(-5 / 20)
    assert paired["onto_excitatory.strength"][both] == pytest.approx([expected], rel=1e-9)


def test_segments_join_without_a_seam(segments: Segments) -> None:
    """Nothing is drawn (no input, MAP, no step of the prior): two segments give what one does."""
    state = begin() | NETWORK.learning("map") | {"neurons.v": np.random.default_rng(1).uniform(0.5, 1.5, 100)}
    whole, times, neurons = segments.advance(state, 0.08, 1)
    first, early, who = segments.advance(state, 0.04, 1)
    second, late, others = segments.advance(NETWORK.continued(first, 0.04), 0.04, 2)
    assert len(times) > 20
    np.testing.assert_allclose(np.concatenate([early, late + 0.04]), times, atol=1e-9)
    assert np.concatenate([who, others]).tolist() == neurons.tolist()
    # A segment begins with a step of prior and noise; the second one has one more.
    np.testing.assert_allclose(
        second["onto_excitatory.strength"], whole["onto_excitatory.strength"], rtol=1e-9
    )
    np.testing.assert_allclose(second["neurons.v"], whole["neurons.v"], atol=2e-3)


def test_modes_of_learning() -> None:
    assert NETWORK.learning("off")["recurrent.likelihood_gain"] == 0
    assert NETWORK.learning("map")["recurrent.noise"] == 0
    assert NETWORK.learning("sampling")["recurrent.noise"] == pytest.approx(math.sqrt(2e-3), rel=1e-3)
    with pytest.raises(ParameterError, match="must be a multiple of 4"):
        BalancedNetwork(n_excitatory=90)
