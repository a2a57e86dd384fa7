"""What a network remembers between two segments, and how it begins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError
from .description import Network
from .rules import SamplingRule
from .timing import Timing

__all__ = ["State", "carried_variables", "check_finite", "initial_state", "intact_synapses", "traces_of_rule"]

Array = NDArray[np.float64]

#: How far below the floor a spike may move θ: coarse steps of the rule go some units beyond, runaway ones any number.
_FAR = 100.0
#: Named arrays, ``"group.variable"``: all that a network remembers between two segments.
State = dict[str, Array]


def initial_state(network: Network, rng: np.random.Generator, timing: Timing) -> State:
    """A network at rest whose parameters θ are drawn from the prior, as in the authors' code for experiment 4."""
    p = network.parameters
    n = network.n_neurons
    state: State = {
        "inputs.x_fall": np.zeros(network.n_inputs),
        "inputs.x_rise": np.zeros(network.n_inputs),
        "inputs.origin": np.zeros(1),
        "inputs.t_next": np.full(network.n_inputs, np.inf),
        "circuits.t_next": rng.exponential(1 / p.rho_net, network.n_circuits),
    }
    if network.has_gates:
        state["circuits.input_sum"] = np.zeros(network.n_circuits)
    for name in (*_psps(network), "adaptation_fall", "adaptation_rise", "removed"):
        state[f"neurons.{name}"] = np.zeros(n)
    if network.has_lateral:
        state |= {"axons.x_fall": np.zeros(n), "axons.x_rise": np.zeros(n), "axons.origin": np.zeros(1)}
        state["axons.in_flight"] = np.zeros((timing.delay_steps + 1, n))
    for group, traces in traces_of_rule(network).items():
        size = network.n_inputs if group == "inputs" else n
        state |= {f"{group}.{name}": np.zeros(size) for name in traces}
    for pathway in network.pathways:
        state[f"{pathway.name}.theta"] = network.rule.begin(p.prior.sample(rng, len(pathway)), p)
        state[f"{pathway.name}.intact"] = np.ones(len(pathway))
    return state


def _psps(network: Network) -> tuple[str, ...]:
    """The neurons' PSPs: traces, or, where PSPs are immediate, their sum when the circuit last fired.

    Nothing that the network does later depends on the latter; it is there for those who look.
    """
    return ("psp",) if network.rule.code(network.parameters).on_draw else ("psp_fall", "psp_rise")


def traces_of_rule(network: Network) -> dict[str, tuple[str, ...]]:
    """The variables of inputs, axons and neurons that the network's rule adds to what is carried over."""
    code = network.rule.code(network.parameters)
    pre = ("inputs", "axons") if network.has_lateral else ("inputs",)
    return {**dict.fromkeys(pre, code.pre_traces), "neurons": code.post_traces}


def intact_synapses(network: Network, state: State) -> dict[str, Array]:
    """How many synapses of each pathway onto each neuron (n_neurons,) no lesion has taken."""
    return {
        pathway.name: np.bincount(pathway.post_index, state[f"{pathway.name}.intact"], network.n_neurons)
        for pathway in network.pathways
    }


def carried_variables(network: Network) -> list[str]:
    """The Brian2 variables that an engine reads at the end of a segment."""
    names = [f"inputs.{v}" for v in ("x_fall", "x_rise", "origin", "t_next")] + ["circuits.t_next"]
    names += ["circuits.input_sum"] if network.has_gates else []
    names += [f"neurons.{v}" for v in (*_psps(network), "adaptation_fall", "adaptation_rise", "removed")]
    if network.has_lateral:
        names += [f"axons.{v}" for v in ("x_fall", "x_rise", "origin")]
    names += [f"{group}.{v}" for group, traces in traces_of_rule(network).items() for v in traces]
    learnt = network.rule.code(network.parameters).learnt
    return names + [f"{pathway.name}.{v}" for pathway in network.pathways for v in (learnt, "intact")]


def check_finite(network: Network, values: Mapping[str, Array]) -> None:
    """See that what an engine read at the end of a segment is within the reach of its numbers and of its steps.

    Raises
    ------
    EngineError
        Variables are not finite any more, or one spike has thrown θ far below the floor. The message names them, and
        what makes them grow.
    """
    p = network.parameters
    # The time of the next spike may be infinite: never.
    if wrong := [n for n, v in values.items() if not (n.endswith("t_next") or np.isfinite(v).all())]:
        problem = f"{', '.join(wrong)} overflowed: not finite any more"
    elif isinstance(network.rule, SamplingRule) and (thrown := _thrown(network, values)):
        problem = (
            f"one spike moved {', '.join(thrown)} more than {_FAR:g} below theta_floor = {p.theta_floor:g}"
        )
    else:
        return
    raise EngineError(
        f"{problem}. Weights grow without bound where PSPs stay above alpha_cap = {p.alpha_cap:g} (input rates above "
        f"about {p.alpha_cap / (p.tau_fall - p.tau_rise) / 2:.0f} Hz); the steps of the rule are too large where "
        f"n_examples * b = {p.n_examples * p.b:g} /s is, or where theta_0 = {p.theta_0:g} or temperature = "
        f"{p.temperature:g} makes e^(θ − θ0) so"
    )


def _thrown(network: Network, values: Mapping[str, Array]) -> list[str]:
    """The pathways' θ that a step of the rule has taken out of its range."""
    lowest = network.parameters.theta_floor - _FAR
    return [name for p in network.pathways if values[name := f"{p.name}.theta"].min() < lowest]
