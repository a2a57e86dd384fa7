"""The state at rest, and what an engine reads at the end of a segment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import STDPRule
from spikingsampling.network.state import carried_variables, initial_state, traces_of_rule
from spikingsampling.network.timing import Timing

IMAGE, LEFT, RIGHT = Source("image", 3), Population("left", 2, 2), Population("right", 1, 5)
PARAMETERS = CircuitParameters(rho_net="50 Hz", prior=GaussianPrior(4.0, 0.5))
TIMING = Timing(dt=1e-3, delay=4e-3)


def network(lateral: bool = True, **options: object) -> Network:
    projections = [all_to_all(IMAGE, LEFT)] + ([all_to_all(LEFT, RIGHT)] if lateral else [])
    return Network([IMAGE], [LEFT, RIGHT], projections, PARAMETERS, **options)


@pytest.mark.parametrize(("psp", "psps"), [("kept", ("psp_fall", "psp_rise")), ("immediate", ("psp",))])
def test_a_network_begins_at_rest(psp: str, psps: tuple[str, ...]) -> None:
    made = replace(network(), parameters=PARAMETERS.replace(psp=psp))
    state = initial_state(made, np.random.default_rng(1), TIMING)
    shapes = {name: values.shape for name, values in state.items()}
    assert shapes == {
        **{f"inputs.{name}": (3,) for name in ("x_fall", "x_rise", "t_next")},
        "inputs.origin": (1,),
        "circuits.t_next": (3,),
        **{f"neurons.{n}": (9,) for n in (*psps, "adaptation_fall", "adaptation_rise")},
        "neurons.removed": (9,),
        "axons.x_fall": (9,),
        "axons.x_rise": (9,),
        "axons.origin": (1,),
        "axons.in_flight": (5, 9),  # the delay of 4 steps, and the step itself
        "feedforward.theta": (12,),
        "feedforward.intact": (12,),
        "lateral.theta": (20,),
        "lateral.intact": (20,),
    }
    drawn = {"circuits.t_next", "feedforward.theta", "lateral.theta"}
    for name in state.keys() - drawn:
        expected = {"intact": 1.0, "t_next": np.inf}.get(name.split(".")[1], 0.0)
        np.testing.assert_array_equal(state[name], expected, err_msg=name)


def test_clocks_and_theta_are_drawn_in_this_order() -> None:
    state, rng = initial_state(network(), np.random.default_rng(3), TIMING), np.random.default_rng(3)
    np.testing.assert_array_equal(state["circuits.t_next"], rng.exponential(1 / 50, 3))
    np.testing.assert_array_equal(state["feedforward.theta"], rng.normal(4.0, 0.5, 12))
    np.testing.assert_array_equal(state["lateral.theta"], rng.normal(4.0, 0.5, 20))
    many = Network([Source("s", 1)], [Population("p", 4000, 1)], [], PARAMETERS)
    clocks = initial_state(many, np.random.default_rng(4), TIMING)["circuits.t_next"]
    assert stats.kstest(clocks, stats.expon(scale=1 / 50).cdf).pvalue > 1e-4


def test_without_lateral_synapses_there_are_no_axons() -> None:
    state = initial_state(network(lateral=False), np.random.default_rng(1), TIMING)
    assert not [name for name in state if name.startswith(("axons", "lateral"))]
    assert not [
        name for name in carried_variables(network(lateral=False)) if name.startswith(("axons", "lateral"))
    ]


def test_a_rule_adds_its_traces_and_begins_within_its_bounds() -> None:
    stdp = network(rule=STDPRule(w_max=0.5))
    assert traces_of_rule(stdp) == {"inputs": ("r_plus",), "axons": ("r_plus",), "neurons": ("o_minus",)}
    assert traces_of_rule(network()) == {"inputs": (), "axons": (), "neurons": ()}
    state = initial_state(stdp, np.random.default_rng(1), TIMING)
    assert (state["inputs.r_plus"].shape, state["axons.r_plus"].shape) == ((3,), (9,))
    assert state["neurons.o_minus"].shape == (9,)
    largest = np.log1p(0.5 * np.exp(3.0))  # e^{θ−3} − e^{−3} = 0.5
    assert state["lateral.theta"].max() == pytest.approx(largest)
    assert np.exp(largest - 3) - np.exp(-3) == pytest.approx(0.5)


def test_all_of_the_state_is_read_back() -> None:
    kept = replace(network(), parameters=PARAMETERS.replace(psp="kept"))
    for made in (network(), network(lateral=False), network(rule=STDPRule()), kept):
        learnt = made.rule.code(PARAMETERS).learnt
        read = {name.replace(f".{learnt}", ".theta") for name in carried_variables(made)}
        state = initial_state(made, np.random.default_rng(1), TIMING)
        assert read == state.keys() - {"axons.in_flight"}
        assert len(read) == len(carried_variables(made))
