"""Progress: time that is spent on preparations does not count, and is announced."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from rich.console import Console

from spikingsampling.simulation.progress import Progress


def progress_of(times: Iterable[float], **options: object) -> tuple[Progress, list[str], io.StringIO]:
    lines: list[str] = []
    shown, clock = io.StringIO(), iter(times)
    return Progress(Console(file=shown, **options), lines.append, clock=lambda: next(clock)), lines, shown


def test_preparing_does_not_count_for_the_speed() -> None:
    progress, lines, _ = progress_of([100.0, 102.0, 142.0, 145.0])
    progress.start(100)
    with progress.preparing():
        pass
    progress.advance(20)
    # 2 s and 3 s, without the 40 s between 102 and 142, for 20 s; 80 s to go.
    assert lines == ["20.00 s of 1 min 40 s, speed 4×, 20.00 s left"]


def test_preparing_ends_with_an_error_too() -> None:
    progress, lines, _ = progress_of([0.0, 1.0, 8.0, 9.0])
    progress.start(100)
    with pytest.raises(OSError), progress.preparing():
        raise OSError
    progress.advance(10)
    assert lines == ["10.00 s of 1 min 40 s, speed 5×, 18.00 s left"]


@pytest.mark.parametrize("terminal", [True, False])
def test_what_takes_long_is_announced_before_it_begins(terminal: bool) -> None:
    progress, lines, shown = progress_of(range(9), force_terminal=terminal, width=20)
    with progress.preparing() as announce:
        assert shown.getvalue() == ""
        announce("compiling [all] of the network")
        assert "compiling [all] of the network\n" in shown.getvalue()  # neither wrapped nor read as markup
    assert lines == ["compiling [all] of the network"]


def test_an_announcement_stands_above_the_bar() -> None:
    progress, _, shown = progress_of([float(n) for n in range(99)], force_terminal=True, width=80)
    progress.start(10, "train")
    with progress.preparing() as announce:
        announce("compiling")
    progress.stop()
    assert "compiling" in shown.getvalue()
