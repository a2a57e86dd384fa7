"""Turn a :class:`~spikingsampling.network.description.Network` into Brian2 objects, for either engine.

The model itself stands in :mod:`spikingsampling.network.equations`; here is only how its pieces are joined and
when in a step each of them acts.

Brian2 has one active device, one set of preferences (also read from files), one set of filters of its log, and takes
random numbers from NumPy's global generator. All of them are lent for a while and given back as they were, so that
networks here neither see a user's settings nor change them: :func:`isolated`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..errors import EngineError
from ..network import equations as eq
from ..network.description import Network, Pathway
from ..network.timing import Timing
from .programs.compilation import FLAGS
from .templates import chosen_templates

_on_ctrl_c = signal.getsignal(signal.SIGINT)
if "brian2" not in sys.modules and threading.current_thread() is not threading.main_thread():
    raise EngineError(
        "Brian2 sets a handler of Ctrl-C when it is imported, which is possible in the main thread only: write "
        "`import brian2` there, or make the first Simulation there"
    )

import brian2 as b2  # noqa: E402
import numpy as np  # noqa: E402
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice  # noqa: E402
from brian2.devices.device import Device, RuntimeDevice, all_devices  # noqa: E402

if not callable(_on_ctrl_c) and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, _on_ctrl_c)  # ignored, as in the background: Brian2's handler would fail

__all__ = ["BrianObjects", "alone", "build", "isolated", "runtime_device", "standalone_device"]


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

    circuits = group("circuits", network.n_circuits, eq.CIRCUITS, eq.CIRCUIT_THRESHOLD, eq.CIRCUIT_RESET)
    circuits.thresholder["spike"].when = "after_groups"
    circuits.resetter["spike"].when, circuits.resetter["spike"].order = "after_groups", 1
    threshold = "winners(t, i) > 0.5" if forced else eq.NEURON_THRESHOLD
    neurons = group(
        "neurons",
        network.n_neurons,
        eq.NEURONS + rule.post,
        threshold,
        eq.NEURON_RESET + rule.post_spike,
        events={"learns": eq.NEURON_LEARNS.format(threshold=threshold)},
        **({"namespace": prescribed} if forced else {}),
    )
    neurons.best = b2.linked_var(circuits, "best", index=network.circuit.astype(int))
    draw = b2.Synapses(circuits, neurons, on_pre=eq.DRAW, delay=0 * b2.ms, name="draw")
    draw.connect(i=network.circuit, j=np.arange(network.n_neurons))
    draw.pre.when = "before_thresholds"

    members: list[b2.BrianObject] = [*groups.values(), draw]
    if len(network.feedforward):
        groups["feedforward"] = _synapses(inputs, neurons, network.feedforward, network, timing)
    if len(network.lateral):
        in_flight = {"in_flight": table("in_flight", timing.delay_steps + 1, network.n_neurons, timing.dt)}
        axons = group(
            "axons",
            network.n_neurons,
            eq.AXONS + rule.pre,
            eq.AXON_THRESHOLD,
            eq.AXON_RESET + rule.pre_spike,
            namespace=in_flight,
        )
        _per_frame(axons, timing, eq.TRACE_RESCALE + rule.pre_rescale)
        # A spike that arrives in a step makes the axon's end fire in the next: hence one step less of delay.
        delay = (timing.delay_steps - 1) * timing.dt * b2.second
        relay = b2.Synapses(neurons, axons, on_pre=eq.ARRIVAL, delay=delay, name="relay")
        relay.connect(j="i")
        groups["lateral"] = _synapses(axons, neurons, network.lateral, network, timing)
        members += [axons, relay]
    members += [groups[pathway.name] for pathway in network.pathways]
    spikes = b2.SpikeMonitor(neurons, name="spikes")
    return BrianObjects(b2.Network(*members, spikes, name="network"), groups, tables, spikes)


def _per_frame(group: b2.NeuronGroup, timing: Timing, code: str) -> None:
    period = timing.frame_period * b2.second
    group.run_regularly(code, dt=period, when="start", order=0, name=f"{group.name}_frame")
    # Brian2 lets shared and individual variables be written only in separate operations.
    group.run_regularly(eq.ADVANCE_ORIGIN, dt=period, when="start", order=1, name=f"{group.name}_origin")


def _synapses(
    pre: b2.NeuronGroup, post: b2.NeuronGroup, pathway: Pathway, network: Network, timing: Timing
) -> b2.Synapses:
    rule = network.rule.code(network.parameters)
    synapses = b2.Synapses(
        pre,
        post,
        rule.synapses,
        on_pre=rule.on_pre,
        on_post=rule.on_post,
        on_event={"post": "learns"},
        delay={"pre": 0 * b2.ms, "post": 0 * b2.ms},
        name=pathway.name,
    )
    synapses.connect(i=pathway.pre_index, j=pathway.post_index)
    # The rule reads the PSPs as they were at the winner's spike, before those of this step arrive.
    synapses.post.order = -1
    if rule.every_update:
        synapses.run_regularly(
            rule.every_update,
            dt=timing.update_period * b2.second,
            when="start",
            name=f"{pathway.name}_prior",
        )
    return synapses


#: Preferences that are the user's business: what is logged, and where Cython keeps its files.
_THE_USERS = ("logging.", "codegen.runtime.cython.")
#: Users may extend these lists in place, and Brian2's defaults with them: hence values of our own.
_LISTS: dict[str, list[str]] = {
    "extra_compile_args_gcc": list(FLAGS),
    "include_dirs": [f"{sys.prefix}/include"],
    "library_dirs": [f"{sys.prefix}/lib"],
    "runtime_library_dirs": [f"{sys.prefix}/lib"],
    **{name: [] for name in ("extra_link_args", "libraries", "headers", "define_macros")},
}
#: Warnings that do not apply to these networks: see :func:`isolated`.
_UNFOUNDED = ("brian2.codegen.generators.base", "brian2.codegen.generators.numpy_generator")
#: The random numbers that Cython has in store, which belong to the process: ours between two uses.
_STORE = {
    name: np.zeros_like(getattr(all_devices["runtime"], name))
    for name in ("rand_buffer", "rand_buffer_index", "randn_buffer", "randn_buffer_index")
}
_lock = threading.RLock()


def _renew_lock() -> None:
    """A forked child has no other thread that could let go of the lock."""
    global _lock
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_renew_lock)


@contextmanager
def alone() -> Iterator[None]:
    """Keep other threads from using Brian2 through this module."""
    with _lock:
        yield


def runtime_device() -> RuntimeDevice:
    """A device for networks that run inside this process, with a clock of its own."""
    device = RuntimeDevice()
    for name in _STORE:  # Cython knows those of Brian2's own device only
        setattr(device, name, getattr(all_devices["runtime"], name))
    return device


def standalone_device() -> CPPStandaloneDevice:
    """A device that writes C++ with the chosen templates, empty whatever the user has on Brian2's own."""
    from .templates.device import DEVICES

    return DEVICES[chosen_templates()]()


@contextmanager
def isolated(device: Device, **preferences: Any) -> Iterator[None]:
    """Use Brian2 on ``device``, with its default preferences but for ``preferences`` (``.`` written as ``__``).

    One thread at a time can be inside; Brian2 used elsewhere at the same time is not kept out. When the block ends,
    however it ends, all is as it was before.
    """
    with _lock:
        devices = import_module("brian2.devices.device")
        former, settings = devices.active_device, dict(b2.prefs)
        handler = b2.BrianLogger.console_handler
        filters = list(handler.filters) if handler else []
        random = all_devices["runtime"].get_random_state()
        try:
            devices.active_device = device
            _set(_defaults() | {name.replace("__", "."): value for name, value in preferences.items()})
            # Brian2 warns that the running maximum in ``draw`` may depend on the order of execution. It does not: C++
            # and Cython execute it in sequence, and for NumPy Brian2 falls back to a loop and says so.
            for name in _UNFOUNDED:
                b2.BrianLogger.suppress_hierarchy(name)
            all_devices["runtime"].set_random_state(random | _STORE)
            if device.defaultclock is None:
                device.activate(build_on_run=False)
            yield
        finally:
            _STORE.update({k: v for k, v in all_devices["runtime"].get_random_state().items() if k in _STORE})
            all_devices["runtime"].set_random_state(random)
            if handler:
                handler.filters[:] = filters
            _set(settings)
            devices.active_device = former


def _set(preferences: dict[str, Any]) -> None:
    for name, value in preferences.items():
        if not name.startswith(_THE_USERS):
            b2.prefs[name] = value


def _defaults() -> dict[str, Any]:
    values = {
        f"{group}.{name}": preference.default
        for group, (preferences, _) in b2.prefs.pref_register.items()
        for name, preference in preferences.items()
    }
    return values | {f"codegen.cpp.{name}": list(value) for name, value in _LISTS.items()}
