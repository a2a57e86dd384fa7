"""Our enriched environment beside the authors' own code.

`python -m spikingsampling.protocols.studies.turnover.authors_table RUN…`.

Runs of ``enriched_environment --preset authors`` are compared with the statistics of two runs of the authors' code. A
value of theirs is expected to lie in the 95 % prediction interval of one more run of ours, mean ± t s √(1 + 1/n).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from spikingsampling.errors import DataError, ParameterError
from spikingsampling.experiment.metrics import scalars

__all__ = ["Row", "compare", "reference_metrics"]

Array = NDArray[np.float64]
#: Our names of the phases, and theirs.
PHASES = {"se": "se", "ee": "ee", "ee_ee": "eeee", "ee_se": "eese"}


@dataclass(frozen=True, eq=False)
class Row:
    """A measure: theirs (n_seeds,), our mean, standard deviation and prediction interval."""

    name: str
    theirs: Array
    mean: float
    sd: float
    interval: tuple[float, float]

    @property
    def n_outside(self) -> int:
        """How many of their values lie outside the interval; one in twenty does by chance."""
        low, high = self.interval
        return int(np.sum((self.theirs < low) | (self.theirs > high)))


def reference_metrics(path: Path) -> dict[str, Array]:
    """Their statistics under the names of our metrics, (n_seeds,) each.

    Raises
    ------
    DataError
        The file cannot be read or lacks a statistic.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
        found = {
            "formation_se": data["paper_formation_SE_pct"] / 100,
            "formation_ee_first": data["formation_EE_first30_pct"] / 100,
            "formation_ee": data["paper_formation_EE_pct"] / 100,
        }
        for ours, theirs in PHASES.items():
            active = data[f"{theirs}_n_active"][:, -1]
            rates = data[f"{theirs}_rates_hz"][:, -10:].mean(axis=1)  # the last ten minutes
            found |= {
                f"active_after_{ours}": active.sum(axis=-1) / data["theta_init"][0].size,
                f"{ours}.theta_mean": data[f"{theirs}_theta_mean"][:, -1],
                f"{ours}.theta_sd": data[f"{theirs}_theta_std"][:, -1],
                f"{ours}.w_mean": data[f"{theirs}_w_mean"][:, -1],
                f"{ours}.information_bits": data[f"{theirs}_mi_bits_last10min"],
                f"{ours}.rate_lowest": rates.min(axis=-1),
                f"{ours}.rate_highest": rates.max(axis=-1),
            }
            if f"{theirs}_survival_cum30min_pct" in data:
                for number, minutes in ((1, 30), (2, 60)):
                    survival = data[f"{theirs}_survival_cum30min_pct"][:, number] / 100
                    found[f"survival_{ours}_{minutes}min"] = survival
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path}: must be reference_stats.npz of the authors' code ({error})") from None
    return found


def compare(runs: Sequence[dict[str, Any]], reference: dict[str, Array]) -> list[Row]:
    """Every measure of the authors beside those of at least three of our runs.

    Raises
    ------
    ParameterError
        Fewer runs.
    """
    n = len(runs)
    if n < 3:
        raise ParameterError(f"runs: {n} given, an interval needs at least 3")
    rows = []
    for name, theirs in reference.items():
        values = np.array([run[name] for run in runs], dtype=float)
        mean, sd = float(values.mean()), float(values.std(ddof=1))
        half = float(student.isf(0.025, n - 1)) * sd * np.sqrt(1 + 1 / n)
        rows.append(Row(name, theirs, mean, sd, (mean - half, mean + half)))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table in Markdown; the exit code."""
    parser = argparse.ArgumentParser(description="Runs of enriched_environment beside the authors' code.")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run directories")
    parser.add_argument("--reference", type=Path, required=True, help="the file reference_stats.npz")
    options = parser.parse_args(arguments)
    try:
        runs = [scalars(json.loads((run / "metrics.json").read_text())) for run in options.runs]
        rows = compare(runs, reference_metrics(options.reference))
    except (DataError, ParameterError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(
        "| measure | authors' code | ours, mean ± s.d. | 95 % prediction interval | |\n|---|---|---|---|---|"
    )
    for row in rows:
        theirs = " / ".join(f"{value:.3f}" for value in row.theirs)
        low, high = row.interval
        outside = f"{row.n_outside} outside" if row.n_outside else ""
        print(
            f"| `{row.name}` | {theirs} | {row.mean:.3f} ± {row.sd:.3f} | {low:.3f} … {high:.3f} | {outside} |"
        )
    total = sum(len(row.theirs) for row in rows)
    print(f"\n{sum(row.n_outside for row in rows)} of {total} values outside, n = {len(runs)} runs of ours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
