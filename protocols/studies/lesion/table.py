"""The lesion experiment over several seeds.

`python -m spikingsampling.protocols.studies.lesion.table RUN…` prints its tables.

Means over seeds with 95 % intervals (Student's t). Recovery times are censored where recall did not return in the time
that was simulated; they are compared pair by pair with the sign test, and by the log-rank test.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.analysis import Recovery, compare_paired, compare_recoveries, estimate_mean
from spikingsampling.errors import DataError
from spikingsampling.experiment.metrics import scalars
from spikingsampling.protocols.studies.lesion.experiment import CONDITIONS
from spikingsampling.protocols.studies.lesion.figures import LABELS, recall_figure

__all__ = ["comparisons", "figure", "read_runs", "summary"]

#: Measures of the table besides recall, with their headings.
GROWTH = {"new_lateral_synapses_{}": "new lateral synapses", "new_synapses_{}": "new synapses, all"}


def read_runs(directories: Sequence[Path]) -> list[dict[str, Any]]:
    """The metrics of finished runs: numbers and curves.

    Raises
    ------
    DataError
        A directory holds no finished run of the lesion protocol.
    """
    runs = []
    for directory in directories:
        try:
            metrics = json.loads((directory / "metrics.json").read_text())
        except (OSError, ValueError) as error:
            raise DataError(f"{directory}: no metrics.json of a finished run ({error})") from None
        if "recall" not in metrics:
            raise DataError(f"{directory}: not a run of the lesion protocol")
        runs.append({**metrics, **scalars(metrics)})
    return runs


def _conditions(runs: Sequence[dict[str, Any]]) -> list[str]:
    return [name for name in CONDITIONS if all(f"{name}.accuracy_before" in run for run in runs)]


def _values(runs: Sequence[dict[str, Any]], name: str) -> np.ndarray:
    return np.array([run[name] for run in runs], dtype=float)


def _recoveries(runs: Sequence[dict[str, Any]], condition: str, lesion: int) -> list[Recovery]:
    return [
        Recovery(
            run[f"{condition}.accuracy_before_lesion_{lesion}"],
            run[f"{condition}.accuracy_after_lesion_{lesion}"],
            run[f"{condition}.recovered_accuracy_{lesion}"],
            0.9 * run[f"{condition}.accuracy_before_lesion_{lesion}"],
            run[f"{condition}.recovery_time_{lesion}"],
            bool(run[f"{condition}.recovery_censored_{lesion}"]),
        )
        for run in runs
    ]


def _number(values: np.ndarray, digits: int) -> str:
    return estimate_mean(values).text(digits)


def _tests(seconds: Sequence[float], lesion: int) -> dict[str, int]:
    """Places in a recall curve of the tests before and after a lesion, by what a heading calls them.

    The test before lesion 2, the last one after lesion 1, lies one second before it: see :func:`.learning_seconds`.
    """
    starts = [place + 1 for place, step in enumerate(np.diff(seconds)) if np.isclose(step, 1.0)]
    start, stop = starts[lesion - 1], (*starts, len(seconds))[lesion]
    ends = [*seconds[start + 1 : stop - 1], seconds[stop] if lesion == 1 else seconds[-1]]
    minutes = [f"{(end - seconds[start]) / 60:.3g} min" for end in ends]
    names = ["before", "just after", *minutes]
    return dict(zip(names, range(start - 1, stop), strict=True))


def summary(runs: Sequence[dict[str, Any]], lesion: int) -> str:
    """A Markdown table of all conditions after lesion 1 or 2: mean and 95 % interval over the runs."""
    tests = _tests(runs[0]["recall"]["seconds"], lesion)
    head = ["condition", *tests, *GROWTH.values(), "recovery time (min), each run"]
    rows = []
    for name in _conditions(runs):
        recall = np.array([run["recall"][name] for run in runs])
        cells = [_number(recall[:, place], 3) for place in tests.values()]
        cells += [_number(_values(runs, f"{name}.{measure.format(lesion)}"), 0) for measure in GROWTH]
        times = [f"{'>' * r.censored}{r.time / 60:.0f}" for r in _recoveries(runs, name, lesion)]
        rows.append([LABELS[name], *cells, ", ".join(times)])
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def comparisons(runs: Sequence[dict[str, Any]], lesion: int) -> str:
    """A Markdown table of paired differences of every condition from sampling."""
    head = [
        "against T = 1",
        "difference at the end",
        "p (t)",
        "difference in new lateral synapses",
        "p (t)",
        "recovered later / earlier / undecided",
        "p (sign)",
        "p (log-rank)",
    ]
    rows = []
    names = _conditions(runs)
    for name in names[1:]:
        cells = [LABELS[name]]
        for measure, digits in (("recovered_accuracy", 3), ("new_lateral_synapses", 0)):
            pair = [_values(runs, f"{who}.{measure}_{lesion}") for who in (name, names[0])]
            found = compare_paired(*pair)
            cells += [_number(pair[0] - pair[1], digits), f"{found.p_t:.2g}"]
        times = compare_recoveries(_recoveries(runs, name, lesion), _recoveries(runs, names[0], lesion))
        cells += [
            f"{times.n_longer} / {times.n_shorter} / {times.n_undecided}",
            f"{times.p_sign:.2g}",
            f"{times.p_logrank:.2g}",
        ]
        rows.append(cells)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def figure(runs: Sequence[dict[str, Any]], chance: float = 0.5) -> Figure:
    """Recall of all conditions over learning time: mean and 95 % interval over the runs."""
    curves = {name: [run["recall"][name] for run in runs] for name in _conditions(runs)}
    return recall_figure(curves, runs[0]["recall"]["seconds"], chance)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, and save the figure where asked to; the exit code."""
    parser = argparse.ArgumentParser(description="Lesion runs of several seeds in one table.")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run directories")
    parser.add_argument("--figure", type=Path, help="write the recall curves to this file")
    options = parser.parse_args(arguments)
    try:
        runs = read_runs(options.runs)
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for lesion in (1, 2):
        print(
            f"Lesion {lesion}, {len(runs)} runs\n\n{summary(runs, lesion)}\n\n{comparisons(runs, lesion)}\n"
        )
    if options.figure:
        figure(runs).savefig(options.figure, dpi=150)
    return 0


if __name__ == "__main__":
    sys.exit(main())
