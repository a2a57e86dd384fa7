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
from helpers.runs.report_runs import LOG, write_run, write_sweep
from spikingsampling import cli
from spikingsampling.cli import watching
from spikingsampling.cli.watching import follow, look
from spikingsampling.errors import ParameterError, ResumeError
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


def test_a_sweep(tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path / "sweep", failed=5)
    for number in (1, 2):
        (sweep / "runs" / f"000{number}" / "metrics.json").unlink()
    (sweep / "runs" / "0002" / "log.txt").unlink()
    text = io.StringIO()
    follow(sweep, once=True, console=Console(file=text, width=40))
    assert "toy, preset quick, 6 runs: " in text.getvalue()
    assert "3 done, 1 failed, 1 pending, 1 begun" in text.getvalue()
    assert "0005 failed: the <disk> is full" in text.getvalue()


def test_it_follows_a_sweep_until_nothing_is_pending(tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path / "sweep")
    metrics = sweep / "runs" / "0003" / "metrics.json"
    content = metrics.read_text()
    metrics.unlink()
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120)
    follow(sweep, console=console, sleep=lambda _: metrics.write_text(content) and None)
    assert "5 done, 1 begun" in text.getvalue() and "6 done" in text.getvalue()


@pytest.mark.parametrize("interval", [0.0, -1.0, float("nan"), float("inf")])
def test_a_wrong_interval_is_refused(directory: Path, interval: float) -> None:
    with pytest.raises(ParameterError, match=r"--interval .*must be at least 0\.1 s"):
        follow(directory, interval)
