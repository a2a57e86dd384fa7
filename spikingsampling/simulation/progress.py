"""Progress of a simulation on the terminal, and one line per segment for the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

__all__ = ["Progress", "format_duration"]


def format_duration(seconds: float) -> str:
    """A duration as one reads it: ``"1.50 s"``, ``"2 min 05 s"``, ``"3 h 07 min"``."""
    if seconds < 59.995:
        return f"{seconds:.2f} s"
    n_seconds = round(seconds)
    if n_seconds < 3600:
        return f"{n_seconds // 60} min {n_seconds % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


class Progress:
    """Shows simulated time, speed (simulated to wall time), time left and active synapses of a simulation.

    The bar is shown on a terminal only; ``record`` gets its lines in any case. Time in :meth:`preparing` does not
    count for the speed.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to show it; stderr when None.
    record : callable, optional
        Takes one line of text per segment, and one per announcement.
    clock : callable
        Wall time in seconds.
    """

    def __init__(
        self,
        console: Console | None = None,
        record: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = Console(stderr=True) if console is None else console
        self._record = record
        self._clock = clock
        self._bar: Bar | _NotebookBar | None = None
        self._task, self._going = TaskID(0), False
        self._total = self._done = self._resumed_at = self._began = 0.0

    def start(self, total_seconds: float, label: str = "", done_seconds: float = 0.0) -> None:
        """Begin a simulation.

        Parameters
        ----------
        total_seconds : float
            Simulated time at which it will be finished (s).
        label : str
        done_seconds : float
            Simulated time that earlier parts of a resumed run have done (s); it does not count for the speed.
        """
        self.stop()
        self._going = True
        self._total, self._done, self._resumed_at = total_seconds, done_seconds, done_seconds
        self._began = self._clock()
        if self.console.is_jupyter:
            self._bar = _NotebookBar(label, total_seconds)
        if not self.console.is_terminal:
            return
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=10),
            TextColumn("{task.fields[state]}"),
            console=self.console,
            refresh_per_second=2,
            transient=True,
        )
        self._task = self._bar.add_task(label, total=total_seconds, state="starting")
        self._bar.update(self._task, completed=done_seconds)
        self._bar.start()

    @contextmanager
    def during(self, total_seconds: float, label: str = "") -> Iterator[None]:
        """A simulation that is over at the end of the block; part of the one that has begun, if one has."""
        if self._going:
            yield
            return
        self.start(total_seconds, label)
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def preparing(self) -> Iterator[Callable[[str], None]]:
        """Wall time inside is no simulation, such as compiling.

        Yields
        ------
        callable
            Announces, before it begins, what will take long: on the console, terminal or not, and in the log.
        """
        start = self._clock()
        try:
            yield self._announce
        finally:
            self._began += self._clock() - start

    def _announce(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
        if self._record is not None:
            self._record(text)

    def advance(self, simulated_seconds: float, active_synapses: int | None = None, label: str = "") -> None:
        """Note that a segment is done.

        Parameters
        ----------
        simulated_seconds : float
            Simulated time of the segment (s).
        active_synapses : int, optional
            How many are active (θ > 0) at the end of the segment.
        label : str
            Name of the phase, shown in front; the former one stays when empty.
        """
        self._done += simulated_seconds
        wall = self._clock() - self._began
        speed = (self._done - self._resumed_at) / wall if wall > 0 else float("inf")
        left = max(0.0, self._total - self._done) / speed if speed > 0 else float("inf")
        parts = [
            f"{format_duration(self._done)} of {format_duration(self._total)}",
            f"speed {speed:.3g}×",
        ]
        if left < float("inf"):
            parts.append(f"{format_duration(left)} left")
        if active_synapses is not None:
            parts.append(f"{active_synapses} synapses")
        state = ", ".join(parts)
        if self._record is not None:
            self._record(f"{label}: {state}" if label else state)
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, description=label or None, state=state)

    def stop(self) -> None:
        """End the display; no effect when nothing is shown."""
        self._going = False
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class _NotebookBar:
    """The bar in a Jupyter notebook, in HTML of our own: rich would need widgets that must be installed there."""

    def __init__(self, description: str, total: float) -> None:
        from IPython.display import HTML, display

        self._html, self._description, self._total = HTML, description, total
        self._shown = display(HTML(""), display_id=True)
        self.update(TaskID(0), completed=0.0, state="starting")

    def update(self, _: TaskID, *, completed: float, state: str, description: str | None = None) -> None:
        """Show how much is done."""
        self._description = description or self._description
        bar = f'<progress value="{completed:g}" max="{self._total:g}"></progress>'
        self._shown.update(self._html(f"<p>{escape(self._description)} {bar} {escape(state)}</p>"))

    def stop(self) -> None:
        """Leave what was shown last."""
