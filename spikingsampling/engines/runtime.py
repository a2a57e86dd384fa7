"""The runtime engine: Brian2 runs inside this process, with Cython or NumPy.

Slower than the standalone engine by an order of magnitude, it needs no C++ compiler (with NumPy) and lets one look
at Brian2 objects between segments.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from ..errors import EngineError, ParameterError
from ..network.description import Network
from ..network.rules import Learning
from ..network.state import State, carried_variables
from ..network.timing import Timing
from .base import Array, Drive, Outcome, check_drive, state_at_end, tables_at_start, variables_at_start

__all__ = ["TARGETS", "RuntimeEngine"]

#: Code generation targets of Brian2's runtime mode; ``auto`` is Cython where a compiler works, else NumPy.
TARGETS = ("auto", "cython", "numpy")


class RuntimeEngine:
    """Runs segments inside this process; parameters as those of the standalone engine.

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
        import brian2 as b2
        from brian2.devices import reset_device

        from .build import build

        if target not in TARGETS:
            raise ParameterError(f"target = {target!r}: must be one of {', '.join(TARGETS)}")
        announce("building the network: Brian2 may compile parts of it during the first segment")
        started = time.perf_counter()
        self.network, self.timing, self.n_frames, self._b2 = network, timing, len(frames), b2
        reset_device()
        self._target, b2.prefs.codegen.target = target, target
        self.objects = build(network, timing, n_frames=len(frames), forced=forced)
        if not forced:
            self.objects.tables["frames"].values[:] = frames
        self.objects.network.store()
        self.build_seconds = time.perf_counter() - started

    def advance(self, state: State, drive: Drive, learning: Learning, seed: int) -> Outcome:
        """Advance ``state`` by one segment; see :class:`~spikingsampling.engines.base.Engine`."""
        b2, objects = self._b2, self.objects
        check_drive(drive, self.timing, self.n_frames, len(self.network.sources))
        objects.network.restore()
        for name, table in tables_at_start(self.network, self.timing, state, drive).items():
            objects.tables[name].values[:] = table
        for name, value in variables_at_start(
            self.network, state, learning, self.timing.update_period
        ).items():
            group, variable = name.split(".")
            array = objects.groups[group].variables[variable]
            array.set_value(np.asarray(value).item() if array.scalar else value)
        # Brian2's runtime mode draws from NumPy's global generator: lend it ours and give it back untouched.
        b2.prefs.codegen.target = self._target
        foreign = np.random.get_state()  # noqa: NPY002
        try:
            b2.seed(seed)
            objects.network.run(drive.duration * b2.second, namespace={})
        except Exception as error:
            raise EngineError(f"the runtime engine failed: {type(error).__name__}: {error}") from error
        finally:
            np.random.set_state(foreign)  # noqa: NPY002
        read = {}
        for name in carried_variables(self.network):
            group, variable = name.split(".")
            read[name] = np.array(objects.groups[group].variables[variable].get_value(), dtype=float, ndmin=1)
        times = np.asarray(objects.spikes.t / b2.second)
        neurons = np.array(objects.spikes.i, dtype=np.int32)
        end = state_at_end(self.network, self.timing, drive.duration, read, times, neurons)
        return Outcome(end, times, neurons)

    def close(self) -> None:
        """Nothing to free."""
