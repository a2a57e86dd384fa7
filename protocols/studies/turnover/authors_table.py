"""Our enriched environment beside the authors' own code.

Runs of ``enriched_environment --preset authors`` are compared with two runs of the authors' code. A value of theirs is
expected to lie in the 95 % prediction interval of one more run of ours, mean ± t s √(1 + 1/n).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from spikingsampling.errors import ParameterError
from spikingsampling.experiment.run_files import FinishedRun
from spikingsampling.protocols.studies.turnover.authors import authors_metrics
from spikingsampling.tables import Table

__all__ = ["Row", "authors_table", "compare_with_authors"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Row:
    """A measure of both programs.

    Attributes
    ----------
    name : str
    theirs : (n_runs,) array
    mean, sd : float
        Of our runs.
    interval : (float, float)
        95 % prediction interval of one more run of ours.
    """

    name: str
    authors_values: Array
    mean: float
    sd: float
    interval: tuple[float, float]

    @property
    def n_outside(self) -> int:
        """How many of their values lie outside the interval; one in twenty does by chance."""
        low, high = self.interval
        return int(np.sum((self.authors_values < low) | (self.authors_values > high)))

    @property
    def cells(self) -> list[str]:
        """The texts of the table."""
        low, high = self.interval
        return [
            self.name,
            " / ".join(f"{value:.3f}" for value in self.authors_values),
            f"{self.mean:.3f} ± {self.sd:.3f}",
            f"{low:.3f} … {high:.3f}",
            f"{self.n_outside} outside" if self.n_outside else "",
        ]


def compare_with_authors(runs: Sequence[Mapping[str, Any]], authors_values: Mapping[str, Array]) -> list[Row]:
    """Every measure of the authors beside those of at least three of our runs.

    Parameters
    ----------
    runs : sequence of mapping
        The metrics of each run of ours.
    authors_values : mapping of str to (n_runs,) array

    Raises
    ------
    ParameterError
        Fewer runs, or a run without one of the measures.
    """
    n = len(runs)
    if n < 3:
        raise ParameterError(f"runs: {n} given, a prediction interval needs at least 3")
    rows = []
    for name, values in authors_values.items():
        if any(name not in run for run in runs):
            raise ParameterError(
                f"runs: one has no {name}; all must be of enriched_environment --preset authors"
            )
        run_values = np.array([run[name] for run in runs], dtype=float)
        mean, sd = float(run_values.mean()), float(run_values.std(ddof=1))
        half = float(student.isf(0.025, n - 1)) * sd * np.sqrt(1 + 1 / n)
        rows.append(Row(name, values, mean, sd, (mean - half, mean + half)))
    return rows


def authors_table(runs: Sequence[FinishedRun]) -> list[Table]:
    """Our runs beside those of the authors' code, in one table.

    Raises
    ------
    ParameterError
        As :func:`compare_with_authors`.
    """
    rows = compare_with_authors([run.metrics for run in runs], authors_metrics())
    n_outside, n_values = sum(row.n_outside for row in rows), sum(len(row.authors_values) for row in rows)
    title = f"{n_outside} of {n_values} values of the authors' code lie outside; {len(runs)} runs of ours"
    head = ["measure", "authors' code", "ours, mean ± s.d.", "95 % prediction interval", ""]
    return [Table(head, [row.cells for row in rows], title)]
