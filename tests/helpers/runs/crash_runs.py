"""Kills the synthetic run at many moments and compares what comes of it; run by test_journal.py.

``crash_runs.py MODE KILLS DIRECTORY`` prints the number of kills, or fails. MODE is ``moments`` (SIGKILL from
outside at random moments) or ``lines`` (SIGKILL before a line of the modules that write, spread evenly).
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from helpers.runs.recording_samples import contents, simulate
from spikingsampling import files
from spikingsampling.recording import hdf5, journal, record, writing

MODULES = {module.__file__ for module in (journal, files, record, writing, hdf5)}


def fork(function, *arguments) -> int:
    """The pid of a child that calls the function; it exits with 0 or, after an error, 1."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            function(*arguments)
            status = 0
        finally:
            os._exit(status)
    return pid


def wait(pid: int) -> bool:
    """Whether the child was killed; an error in it is an error here."""
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, f"child ended with status {status}"
    return False


def simulate_until_line(directory: Path, line: int) -> list[str]:
    """Run until the n-th line (from 1) of the modules that write is due; returns all lines if it never is."""
    lines = []

    def trace(frame, event, argument):
        if frame.f_code.co_filename not in MODULES:
            return None
        if event == "line":
            lines.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
            if len(lines) == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    simulate(directory)
    sys.settrace(None)
    return lines


def kill_at_moments(run: Path, reference: dict[str, bytes], wanted: int) -> int:
    began = time.monotonic()
    assert not wait(fork(simulate, run))
    duration = time.monotonic() - began
    rng = np.random.default_rng(1)
    kills = 0
    while kills < wanted:
        shutil.rmtree(run, ignore_errors=True)
        while True:
            pid = fork(simulate, run)
            time.sleep(rng.uniform(0, duration))
            os.kill(pid, signal.SIGKILL)
            killed = wait(pid)
            kills += killed
            if not killed:
                break
            if rng.random() < 0.2:  # so that a run ends even where each attempt is killed early
                assert not wait(fork(simulate, run))
                break
        assert contents(run) == reference
    return kills


def kill_at_lines(run: Path, reference: dict[str, bytes], wanted: int) -> int:
    lines = simulate_until_line(run, 0)
    rng = np.random.default_rng(2)
    # Few lines are as delicate as those that write a file and those that end a run: each of them, once.
    ends = (" finish", " complete")
    places = {name for name in lines if name.startswith(files.__file__) or name.endswith(ends)}
    chosen = set()
    for place in sorted(places):
        chosen.add(int(rng.choice([number for number, other in enumerate(lines, 1) if other == place])))
    chosen |= set(np.linspace(1, len(lines), wanted).astype(int).tolist())
    for line in sorted(chosen):
        shutil.rmtree(run)
        assert wait(fork(simulate_until_line, run, line)), f"no line {line} of {len(lines)}"
        assert not wait(fork(simulate, run))
        assert contents(run) == reference, f"killed before {lines[line - 1]}, line {line} of {len(lines)}"
    return len(chosen)


def main(mode: str, kills: int, directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    simulate(directory / "undisturbed")
    reference = contents(directory / "undisturbed")
    kill = {"moments": kill_at_moments, "lines": kill_at_lines}[mode]
    print(kill(directory / "killed", reference, kills))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
