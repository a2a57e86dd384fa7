"""Constants that a projection has of its own: gain, α and N, on both engines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from helpers.small.networks import (
    FAST,
    SLOW_PSP,
    TIMING,
    Spikes,
    begin,
    both_engines,
    engine_of,
    resting_clocks,
    small_network,
)
from spikingsampling.errors import ParameterError
from spikingsampling.network.description import Network
from spikingsampling.network.lesions import SynapseLesion
from spikingsampling.network.parameters import CircuitParameters, SynapseConstants
from spikingsampling.network.rules import STDPRule

OWN = {
    "image_to_left": SynapseConstants(gain=2.0),
    "left_to_right": SynapseConstants(gain=0.5, alpha=0.06, n_examples=300),
}


def with_own(parameters: CircuitParameters, constants: dict[str, SynapseConstants]) -> Network:
    """The small network with constants of their own for some projections."""
    network = small_network(parameters)
    projections = [replace(p, constants=constants.get(p.name, p.constants)) for p in network.projections]
    return replace(network, projections=projections)


def by_projection(network: Network, state: dict, variable: str = "theta") -> dict[str, np.ndarray]:
    return {
        name: state[f"{pathway.name}.{variable}"][part]
        for pathway in network.pathways
        for name, part in pathway.slices.items()
    }


def started(network: Network, theta: dict[str, np.ndarray]) -> dict:
    """The network at rest with the given θ of each projection."""
    state = resting_clocks(begin(network))
    for name, values in theta.items():
        pathway = network.pathway(name)
        state[f"{pathway.name}.theta"][pathway.slices[name]] = values
    return state


def test_projections_with_the_same_constants_share_a_pathway() -> None:
    network = with_own(FAST, OWN)
    assert {p.name: list(p.slices) for p in network.pathways} == {
        "feedforward": ["image_to_left"],
        "feedforward_2": ["sound_to_right"],
        "lateral": ["left_to_right"],
        "lateral_2": ["right_to_left", "left_to_left"],
    }
    assert [p.lateral for p in network.pathways] == [False, False, True, True]
    assert [p.name for p in small_network().pathways] == ["feedforward", "lateral"]
    assert network.constants()["left_to_right.alpha"] == 0.06
    assert "left_to_right.alpha" not in small_network().constants()


@both_engines
def test_alpha_and_n_act_on_their_projection_alone(name: str) -> None:
    """Each projection learns as in a network that has its constants throughout."""
    spikes = Spikes.random(small_network(), 1000, np.random.default_rng(5))
    rng = np.random.default_rng(2)
    theta = {p.name: rng.normal(0.3, 0.8, len(p)) for p in small_network().projections}

    def learnt(network: Network) -> dict[str, np.ndarray]:
        engine = engine_of(name, network, forced=True)
        end = engine.advance(started(network, theta), spikes.drive(), "likelihood", 1).state
        engine.close()
        return by_projection(network, end)

    common = learnt(small_network(FAST))
    special = learnt(small_network(FAST.replace(alpha=0.06, n_examples=300)))
    mixed = learnt(with_own(FAST, OWN))
    for projection, values in mixed.items():
        expected = special if projection == "left_to_right" else common
        np.testing.assert_allclose(values, expected[projection], rtol=0, atol=1e-12)
    assert np.abs(special["left_to_right"] - common["left_to_right"]).max() > 0.1


@both_engines
@pytest.mark.parametrize("rule", [None, STDPRule()])
def test_the_gain_multiplies_the_psps_of_its_projection(name: str, rule: STDPRule | None) -> None:
    """Input 0 fires once: neurons of the left population get twice the weight of their synapse."""
    constants = {"image_to_left": SynapseConstants(gain=2.0)}
    network = with_own(SLOW_PSP, constants)
    if rule is not None:
        network = replace(network, rule=rule)
    state = resting_clocks(begin(network))
    nobody = np.zeros(0, dtype=int)
    spikes = Spikes(1000, np.array([500, 600]), np.array([0, 40]), nobody, nobody)
    engine = engine_of(name, network, forced=True)
    end = engine.advance(state, spikes.drive(), "off", 1).state
    engine.close()
    theta = by_projection(network, state)
    expected = np.zeros(network.n_neurons)
    for projection, step, gain, neurons in (
        ("image_to_left", 500, 2, slice(4)),
        ("sound_to_right", 600, 1, slice(4, 10)),
    ):
        first = network.projection(projection).pre_index == 0
        w = np.maximum(0, np.exp(theta[projection][first] - 3) - math.exp(-3))
        expected[neurons] = gain * w * math.exp(-(999 - step) * TIMING.dt / 0.5)
    np.testing.assert_allclose(end["neurons.psp_fall"], expected, rtol=1e-10)


def test_lesions_reach_projections_in_further_pathways() -> None:
    network = with_own(FAST, OWN)
    state = begin(network)
    after, detail = SynapseLesion("right_to_left").apply(network, state)
    intact = by_projection(network, after, "intact")
    assert {name: values.all() for name, values in intact.items()} == {
        name: name != "right_to_left" for name in intact
    }
    assert detail["synapses"] == len(network.projection("right_to_left"))


def test_a_rule_says_which_constants_it_has_no_use_for() -> None:
    with pytest.raises(ParameterError, match=r"'left_to_right': alpha must be that of the network: STDPRule"):
        replace(with_own(FAST, OWN), rule=STDPRule())


def test_a_program_of_projections_with_gains_passes_its_check(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new program is checked with the gains of its projections."""
    monkeypatch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path))
    for psp in ("immediate", "kept"):
        engine_of("standalone", with_own(FAST.replace(psp=psp), OWN)).close()
