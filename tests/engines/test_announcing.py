"""Engines say that they will compile before they do, and only then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import FAST, TIMING, small_network
from helpers.small.simulations import items, simulation
from spikingsampling.engines import make_engine
from spikingsampling.engines.programs import cache
from spikingsampling.errors import CompilerError
from spikingsampling.simulation.progress import Progress


def test_compiling_is_announced_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path))
    said: list[str] = []

    def write_project(*_: object, **__: object) -> None:
        assert [text.partition(":")[0] for text in said] == ["compiling the network"]
        raise CompilerError("far enough")

    monkeypatch.setattr(cache, "write_project", write_project)
    with pytest.raises(CompilerError, match="far enough"):
        make_engine("standalone", small_network(FAST), TIMING, np.zeros((1, 60)), announce=said.append)


def test_nothing_is_announced_when_the_program_is_at_hand() -> None:
    lines: list[str] = []
    with simulation() as prepared:  # compiles it where no other test has
        prepared.present(items(5), learning="off")
    with simulation(progress=Progress(record=lines.append)) as simulated:
        simulated.present(items(5), learning="off")
    assert len(lines) == 1 and "compiling" not in lines[0]


def test_the_runtime_engine_says_that_its_first_segment_may_take_long() -> None:
    lines: list[str] = []
    with simulation("runtime", progress=Progress(record=lines.append)) as simulated:
        simulated.present(items(5), learning="off")
    assert lines[0].startswith("building the network: Brian2 may compile")
    assert len(lines) == 2
