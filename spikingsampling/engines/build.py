"""Turn a :class:`~spikingsampling.network.description.Network` into Brian2 objects, for either engine.

The model itself stands in :mod:`spikingsampling.network.equations`; here is only how its pieces are joined and
when in a step each of them acts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..network import equations as eq
from ..network import gates
from ..network.description import Network, Pathway
from ..network.rules import RuleCode
from ..network.timing import Timing
from .isolation import b2  # which imports Brian2 with care

__all__ = ["BrianObjects", "build"]


#: When a row of synapses learns and is weighed in the slot of a step in which PSPs arrive at -1.
LEARNING, WEIGHING = -4, -3
#: When immediate PSPs are added up in the slot of a step in which keys are drawn at -1; rows are weighed before.
ADDING = -2


@dataclass(frozen=True)
class BrianObjects:
    """The Brian2 objects of a network by name, and the arrays that each segment fills anew."""

    network: b2.Network
    groups: dict[str, b2.Group]
    tables: dict[str, b2.TimedArray]
    spikes: b2.SpikeMonitor


def build(network: Network, timing: Timing, *, n_frames: int, forced: bool = False) -> BrianObjects:
    """Build the Brian2 objects of ``network`` on the active device.

    Parameters
    ----------
    timing : Timing
        Time step, frame period, update period and length of a segment.
    n_frames : int
        Rows of the table of input rates.
    forced : bool
        Input spikes and winners are prescribed instead of drawn (tables ``input_spikes`` and ``winners``).
    """
    b2.defaultclock.dt = timing.dt * b2.second
    groups: dict[str, b2.Group] = {}
    tables: dict[str, b2.TimedArray] = {}
    rule = network.rule.code(network.parameters)
    # Both are exact for equations that do not depend on each other, and the first spares SymPy a second. Those of a
    # rule may be coupled.
    method = "exact" if "/dt" in rule.pre + rule.post else "exponential_euler"

    def table(name: str, n_rows: int, n_columns: int, period: float) -> b2.TimedArray:
        tables[name] = b2.TimedArray(np.zeros((n_rows, n_columns)), dt=period * b2.second, name=name)
        return tables[name]

    def group(
        name: str, size: int, model: str, threshold: str, reset: str, **options: object
    ) -> b2.NeuronGroup:
        groups[name] = b2.NeuronGroup(
            size, model, threshold=threshold, reset=reset, method=method, name=name, **options
        )
        return groups[name]

    if forced:
        prescribed = {"input_spikes": table("input_spikes", timing.steps + 1, network.n_inputs, timing.dt)}
        prescribed["winners"] = table("winners", timing.steps + 1, network.n_neurons, timing.dt)
        inputs = group(
            "inputs",
            network.n_inputs,
            eq.INPUTS + rule.pre,
            "input_spikes(t, i) > 0.5",
            eq.TRACE_SPIKE + rule.pre_spike,
            namespace=prescribed,
        )
    else:
        rates = {
            "frames": table("frames", n_frames, network.n_inputs, 1.0),
            "schedule": table("schedule", timing.frames, len(network.sources), timing.frame_period),
        }
        inputs = group(
            "inputs",
            network.n_inputs,
            eq.INPUTS + rule.pre,
            eq.INPUT_THRESHOLD,
            eq.INPUT_RESET + rule.pre_spike,
            namespace=rates,
        )
    # No local variable here is called `sources`: Brian2 would warn that it hides one of its own.
    inputs.source_index = np.repeat(np.arange(len(network.sources)), [s.size for s in network.sources])
    _per_frame(inputs, timing, (eq.TRACE_RESCALE if forced else eq.NEXT_FRAME) + rule.pre_rescale)

    gated = network.has_gates
    circuits = group(
        "circuits",
        network.n_circuits,
        gates.GATED_CIRCUITS if gated else eq.CIRCUITS,
        eq.CIRCUIT_THRESHOLD,
        gates.GATED_RESET if gated else eq.CIRCUIT_RESET,
    )
    circuits.thresholder["spike"].when = "after_groups"
    circuits.resetter["spike"].when, circuits.resetter["spike"].order = "after_groups", 1
    threshold = "winners(t, i) > 0.5" if forced else eq.NEURON_THRESHOLD
    immediate = bool(rule.on_draw)
    events = {"learns": eq.NEURON_LEARNS}
    if immediate:
        events["asked"] = eq.ASKED
    if rule.weigh:
        events["row_changed"] = eq.ROW_ASKED if immediate else eq.ROW_CHANGED
    neurons = group(
        "neurons",
        network.n_neurons,
        (eq.IMMEDIATE_PSP if immediate else eq.KEPT_PSP)
        + eq.NEURONS
        + rule.post
        + _each(network, rule.post_each),
        threshold,
        eq.NEURON_RESET + (eq.ROW_LEARNT if immediate and rule.weigh else "") + rule.post_spike,
        events={name: condition.format(threshold=threshold) for name, condition in events.items()},
        **({"namespace": prescribed} if forced else {}),
    )
    for event in ("asked", "row_changed") if immediate else ():
        if event in events:  # known when the circuits' clocks have decided
            neurons.thresholder[event].when, neurons.thresholder[event].order = "after_groups", 2
    if immediate:
        neurons.run_on_event("asked", eq.ASKED_RESET, when="before_thresholds", order=ADDING - 1)
    if rule.weigh:
        neurons.run_regularly(
            eq.WEIGH_ANEW, dt=timing.update_period * b2.second, when="start", name="neurons_weigh_anew"
        )
        when, order = _weighing(rule)
        neurons.run_on_event("row_changed", _each(network, eq.WEIGHED), when=when, order=order + 1)
    neurons.best = b2.linked_var(circuits, "best", index=network.circuit.astype(int))
    draw = b2.Synapses(circuits, neurons, on_pre=eq.DRAW, delay=0 * b2.ms, name="draw")
    draw.connect(i=network.circuit, j=np.arange(network.n_neurons))
    draw.pre.when = "before_thresholds"

    members: list[b2.BrianObject] = [*groups.values(), draw]
    if network.has_lateral:
        in_flight = {"in_flight": table("in_flight", timing.delay_steps + 1, network.n_neurons, timing.dt)}
        axons = group(
            "axons",
            network.n_neurons,
            (gates.GATED_AXONS if gated else eq.AXONS) + rule.pre,
            eq.AXON_THRESHOLD,
            (gates.GATED_AXON_RESET if gated else eq.AXON_RESET) + rule.pre_spike,
            namespace=in_flight,
        )
        if gated:
            axons.input_sum = b2.linked_var(circuits, "input_sum", index=network.circuit.astype(int))
        _per_frame(axons, timing, eq.TRACE_RESCALE + rule.pre_rescale)
        # A spike that arrives in a step makes the axon's end fire in the next: hence one step less of delay.
        delay = (timing.delay_steps - 1) * timing.dt * b2.second
        relay = b2.Synapses(neurons, axons, on_pre=eq.ARRIVAL, delay=delay, name="relay")
        relay.connect(j="i")
        members += [axons, relay]
    for pathway in network.pathways:
        pre = axons if pathway.lateral else inputs
        groups[pathway.name] = _synapses(pre, neurons, pathway, network, timing)
        members.append(groups[pathway.name])
        if gated and not pathway.lateral:
            name = f"{pathway.name}_input"
            groups[name] = _afferents(inputs, circuits, pathway, network, name)
            members.append(groups[name])
    spikes = b2.SpikeMonitor(neurons, name="spikes")
    return BrianObjects(b2.Network(*members, spikes, name="network"), groups, tables, spikes)


def _weighing(rule: RuleCode) -> tuple[str, int]:
    """Slot and order in which rows are weighed."""
    return ("before_thresholds", ADDING - 3) if rule.on_draw else ("synapses", WEIGHING)


def _each(network: Network, code: str) -> str:
    """``code`` once for each pathway."""
    return "".join(code.replace("{pathway}", pathway.name) for pathway in network.pathways)


def _per_frame(group: b2.NeuronGroup, timing: Timing, code: str) -> None:
    period = timing.frame_period * b2.second
    group.run_regularly(code, dt=period, when="start", order=0, name=f"{group.name}_frame")
    # Brian2 lets shared and individual variables be written only in separate operations.
    group.run_regularly(eq.ADVANCE_ORIGIN, dt=period, when="start", order=1, name=f"{group.name}_origin")


def _afferents(
    inputs: b2.NeuronGroup, circuits: b2.NeuronGroup, pathway: Pathway, network: Network, name: str
) -> b2.Synapses:
    """What adds up the feed-forward input of the circuits that fire."""
    i, j = gates.afferents(network, pathway)
    afferents = b2.Synapses(
        inputs,
        circuits,
        gates.AFFERENTS,
        on_post={"add": gates.ADD_INPUT},
        delay={"add": 0 * b2.ms},
        name=name,
    )
    afferents.connect(i=i, j=j)
    afferents.add.when, afferents.add.order = "after_groups", 2  # the reset of the circuits has order 1
    return afferents


def _synapses(
    pre: b2.NeuronGroup, post: b2.NeuronGroup, pathway: Pathway, network: Network, timing: Timing
) -> b2.Synapses:
    rule = network.rule.code(network.parameters)
    at_pre = {"pre": rule.on_pre.replace("{pathway}", pathway.name)} if rule.on_pre else {}
    at_post = {
        "post": ("learns", rule.on_post),
        "add": ("asked", rule.on_draw),
        "weigh": ("row_changed", rule.weigh),
    }
    at_post = {
        name: (event, code.replace("{pathway}", pathway.name))
        for name, (event, code) in at_post.items()
        if code
    }
    synapses = b2.Synapses(
        pre,
        post,
        rule.synapses,
        on_pre=at_pre or None,
        on_post={name: code for name, (_, code) in at_post.items()},
        on_event={name: event for name, (event, _) in at_post.items()},
        delay=dict.fromkeys((*at_pre, *at_post), 0 * b2.ms),
        name=pathway.name,
    )
    synapses.connect(i=pathway.pre_index, j=pathway.post_index)
    # The rule reads the PSPs as they were at the winner's spike, before those of this step arrive.
    synapses.post.order = LEARNING
    if rule.on_draw:
        synapses.add.when, synapses.add.order = "before_thresholds", ADDING
    if rule.weigh:
        synapses.weigh.when, synapses.weigh.order = _weighing(rule)
    if rule.every_update:
        synapses.run_regularly(
            rule.every_update,
            dt=timing.update_period * b2.second,
            when="start",
            name=f"{pathway.name}_prior",
        )
    return synapses
