"""The C++ standalone engine: a network is compiled once, each segment is one run of the program."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..network.description import Network
from ..network.rules import Learning
from ..network.state import State
from ..network.timing import Timing
from .base import (
    Array,
    Drive,
    NotCopied,
    Outcome,
    check_drive,
    check_steps,
    sizes_at_end,
    state_at_end,
    steps_in,
    tables_at_start,
    variables_at_start,
)
from .programs.cache import get_program
from .programs.scratch import Scratch, write_array

__all__ = ["StandaloneEngine"]


class StandaloneEngine(NotCopied):
    """Runs segments as processes of a compiled C++ program; several threads, or forked children, may do so at once.

    Parameters
    ----------
    network : Network
    timing : Timing
    frames : (n_frames, n_inputs) array
        Table of input rates in Hz.
    forced : bool
        Spikes are prescribed by each segment's tables.
    announce : callable
        Told, before it begins, that the network is compiled.

    Raises
    ------
    CompilerError
        No C++ compiler, or it failed.
    EngineError
        The program gives wrong results for a known input, or there is no room for temporary files.
    """

    name = "standalone"

    def __init__(
        self,
        network: Network,
        timing: Timing,
        frames: Array,
        *,
        forced: bool = False,
        announce: Callable[[str], None] = lambda text: None,
    ) -> None:
        started = time.perf_counter()
        self.network, self.timing, self.n_frames, self.forced = network, timing, len(frames), forced
        self.program = get_program(network, timing, len(frames), forced=forced, announce=announce)
        self.build_seconds = time.perf_counter() - started
        self._frames = np.ascontiguousarray(frames, dtype=np.float64)
        self._scratch_bytes = _scratch_bytes(network)
        self._shared = Scratch(self._frames.nbytes)
        self._owner = os.getpid()
        if not forced:
            self._table_of_rates()

    def advance(self, state: State, drive: Drive, learning: Learning, seed: int) -> Outcome:
        """Advance ``state`` by one segment; see :class:`~spikingsampling.engines.base.Engine`."""
        check_drive(drive, self.timing, self.n_frames, len(self.network.sources))
        rates = {} if self.forced else {"frames": self._table_of_rates()}
        # A folder for each call: another thread's, or a forked child's, output is not to be taken for this one's.
        with Scratch(self._scratch_bytes) as scratch:
            got = self.program.run(
                scratch,
                variables_at_start(self.network, state, learning, self.timing.update_period),
                rates | tables_at_start(self.network, self.timing, state, drive),
                duration=steps_in(drive, self.timing) * self.timing.dt,
                seed=seed,
                sizes=sizes_at_end(self.network),
            )
        check_steps(got.steps, drive, self.timing)
        read = dict(got.arrays)
        times, neurons = read.pop("spikes.t"), read.pop("spikes.i")
        end = state_at_end(self.network, self.timing, drive.duration, read, times, neurons)
        return Outcome(end, times, neurons)

    def _table_of_rates(self) -> Path:
        """The file with the rates of the inputs, which all calls read; written anew where it is gone."""
        path = self._shared.path / "frames"
        if path.is_file() and path.stat().st_size == self._frames.nbytes:
            return path
        if self._owner != os.getpid() or not self._shared.path.is_dir():
            self._shared, self._owner = Scratch(self._frames.nbytes), os.getpid()
            path = self._shared.path / "frames"
        own = path.with_name(f"frames-{threading.get_ident()}")
        write_array(own, self._frames)
        return own.replace(path)

    def close(self) -> None:
        """Remove the temporary files."""
        self._shared.close()


def _scratch_bytes(network: Network) -> int:
    """What the files of a segment may take: the state at both ends, the tables and the spikes."""
    return 8 * (6 * network.n_synapses + 20 * (network.n_inputs + network.n_neurons)) + 10**7
