"""The runtime engine: Brian2 runs inside this process, with Cython or NumPy.

Slower than the standalone engine by an order of magnitude, it needs no C++ compiler (with NumPy) and lets one look
at Brian2 objects between segments.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError, ParameterError
from ..network.description import Network
from ..network.rules import Learning
from ..network.state import State, carried_variables
from ..network.timing import Timing
from .base import (
    Array,
    Drive,
    NotCopied,
    Outcome,
    check_drive,
    check_steps,
    state_at_end,
    steps_in,
    tables_at_start,
    variables_at_start,
)

__all__ = ["TARGETS", "RuntimeEngine"]

#: Code generation targets of Brian2's runtime mode; ``auto`` is Cython where a compiler works, else NumPy.
TARGETS = ("auto", "cython", "numpy")


class RuntimeEngine(NotCopied):
    """Runs segments inside this process, one thread at a time; parameters as those of the standalone engine.

    Parameters
    ----------
    target : {"auto", "cython", "numpy"}
        Brian2's code generation target.
    announce : callable
        Told what may take long before it begins.

    Raises
    ------
    ParameterError
        An unknown target.
    """

    name = "runtime"

    def __init__(
        self,
        network: Network,
        timing: Timing,
        frames: Array,
        *,
        forced: bool = False,
        target: str = "auto",
        announce: Callable[[str], None] = lambda text: None,
    ) -> None:
        from .build import build
        from .isolation import isolated, runtime_device

        if target not in TARGETS:
            raise ParameterError(f"target = {target!r}: must be one of {', '.join(TARGETS)}")
        announce("building the network: Brian2 may compile parts of it during the first segment")
        started = time.perf_counter()
        self.network, self.timing, self.n_frames = network, timing, len(frames)
        self._device = device = runtime_device()
        # Brian2 would end a run in mid-segment at Ctrl-C, and quietly; it is passed on to whoever handles it.
        self._isolated = lambda: isolated(
            device, codegen__target=target, core__stop_on_keyboard_interrupt=False
        )
        with self._isolated():
            self.objects = build(network, timing, n_frames=len(frames), forced=forced)
            if not forced:
                self.objects.tables["frames"].values[:] = frames
            self.objects.network.store()
        self.build_seconds = time.perf_counter() - started

    def advance(self, state: State, drive: Drive, learning: Learning, seed: int) -> Outcome:
        """Advance ``state`` by one segment; see :class:`~spikingsampling.engines.base.Engine`."""
        check_drive(drive, self.timing, self.n_frames, len(self.network.sources))
        tables = tables_at_start(self.network, self.timing, state, drive)
        variables = variables_at_start(self.network, state, learning, self.timing.update_period)
        with self._isolated():
            self._set(tables, variables)
            self._run(steps_in(drive, self.timing) * self.timing.dt, seed)
            steps = int(self._device.defaultclock.variables["timestep"].get_value().item())
            check_steps(steps, drive, self.timing)
            read, times, neurons = self._read()
        end = state_at_end(self.network, self.timing, drive.duration, read, times, neurons)
        return Outcome(end, times, neurons)

    def _set(self, tables: Mapping[str, Array], variables: Mapping[str, float | Array]) -> None:
        self.objects.network.restore()
        for name, table in tables.items():
            self.objects.tables[name].values[:] = table
        for name, value in variables.items():
            group, variable = name.split(".")
            array = self.objects.groups[group].variables[variable]
            array.set_value(np.asarray(value).item() if array.scalar else value)

    def _run(self, duration: float, seed: int) -> None:
        import brian2 as b2

        try:
            b2.seed(int(seed))  # of NumPy's global generator, which is lent
            self.objects.network.run(duration * b2.second, namespace={})
        except Exception as error:
            raise EngineError(f"the runtime engine failed: {type(error).__name__}: {error}") from error

    def _read(self) -> tuple[dict[str, Array], Array, NDArray[np.int32]]:
        read = {}
        for name in carried_variables(self.network):
            group, variable = name.split(".")
            read[name] = np.array(
                self.objects.groups[group].variables[variable].get_value(), dtype=float, ndmin=1
            )
        spikes = self.objects.spikes.variables
        times = np.array(spikes["t"].get_value(), dtype=float)
        return read, times, np.array(spikes["i"].get_value(), dtype=np.int32)

    def close(self) -> None:
        """Nothing to free."""
