"""`spikingsampling watch`: what it says about runs in every state, and that the run does not notice."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from helpers.runs import recording_samples
from helpers.runs.recording_samples import ATTRIBUTES, LAYOUT, RECORDING, SEGMENT, advance, initial_state
from helpers.runs.report_runs import LOG, write_run
from spikingsampling.cli import entry as cli
from spikingsampling.cli import watching
from spikingsampling.cli.watching import follow, look
from spikingsampling.errors import ResumeError
from spikingsampling.recording.journal import RunStore


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    watching._sizes.cache_clear()
    run = write_run(tmp_path / "run", None, recordings=(), figures=())
    (run / "log.txt").write_text("\n".join(LOG.splitlines()[:-1]) + "\n")
    return run


def test_a_run_that_goes_on(directory: Path) -> None:
    """The writer keeps its lock and its files open, and goes on after every look."""
    state = initial_state()
    with RunStore.create(directory, LAYOUT, ATTRIBUTES, RECORDING) as store:
        assert look(directory).rates == {}
        for index in range(2):
            record, state = advance(index, state, n_spikes=30 * (index + 1))
            store.commit(record, state)
            seen = look(directory)
            assert seen.state == "running"
            for name, size in LAYOUT.populations.items():
                assert seen.rates[name] == pytest.approx(30 * (index + 1) / size / SEGMENT)
            assert seen.segment == f"train, {index * SEGMENT:g} to {(index + 1) * SEGMENT:g} s"
        assert "14 synapses" in seen.progress
        assert seen.messages[-1] == "after 20 s of training: recall.accuracy 0.700"
        store.finish()
    assert look(directory).rates == {}


def test_a_part_of_a_run(directory: Path) -> None:
    recording_samples.simulate(directory / "lesion", n_segments=1, finish=False)
    assert look(directory).segment == "lesion, train, 0 to 10 s"


def test_the_states(directory: Path, tmp_path: Path) -> None:
    log = directory / "log.txt"
    for line, state in (
        ("INFO spikingsampling.run: interrupted", "interrupted"),
        ("DEBUG spikingsampling.run: failed", "failed"),
        ("INFO spikingsampling.run: resumed: toy 0.1.0", "running"),
    ):
        with log.open("a") as file:
            file.write(f"2026-11-01 10:01:00,000 {line}\n")
        assert look(directory).state == state
    log.unlink()
    assert look(directory).state == "not started"
    assert look(write_run(tmp_path / "done", recordings=(), figures=())).state == "finished"
    with pytest.raises(ResumeError, match="not a run directory"):
        look(tmp_path)


def test_it_follows_a_run_to_its_end(directory: Path) -> None:
    text = io.StringIO()
    looks = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            (directory / "metrics.json").write_text('{"recall.accuracy": {"value": 0.96, "n": 600}}')

    console = Console(file=text, force_terminal=True, width=120, height=50)
    follow(directory, 0.5, console=console, sleep=pause)
    assert looks == [0.5] * 3
    assert "recall.accuracy" in text.getvalue() and "0.96" in text.getvalue()


def test_a_dead_run_is_suspected(directory: Path) -> None:
    os.utime(directory / "log.txt", (time.time() - 4000, time.time() - 4000))
    text = io.StringIO()
    follow(directory, once=True, console=Console(file=text, width=120))
    assert "no sign of life for 1 h 0" in text.getvalue()


def test_the_command(directory: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["watch", str(directory), "--once"])
    assert not left.value.code
    out = capsys.readouterr().out
    assert "toy, preset quick, seed 0" in out
    assert "speed 9×" in out
