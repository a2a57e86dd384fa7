"""The lesion experiment over several seeds, as tables and a figure.

Means over seeds with 95 % intervals (Student's t). A recovery time is censored where recall did not return within the
simulated time. Censored times are compared pair by pair with the sign test, and by the log-rank test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.analysis import (
    Recovery,
    compare_paired,
    compare_recoveries,
    estimate_mean,
    runs_needed,
    sd_interval,
)
from spikingsampling.errors import DataError
from spikingsampling.experiment.metrics import scalars
from spikingsampling.experiment.run_files import FinishedRun
from spikingsampling.protocols.studies.lesion.figures import LABELS, recall_figure
from spikingsampling.protocols.studies.lesion.schedule import CONDITIONS, duration_text
from spikingsampling.tables import Table

__all__ = ["comparisons", "lesion_tables", "power", "recall_over_seeds", "recall_places", "summary"]

#: Measures of the table besides recall, with their headings.
COUNTS = {"new_lateral_synapses": "new lateral synapses", "new_synapses": "new synapses, all"}
ACCURACY, COUNT = (0.0, 1.0), (0.0, math.inf)
#: Differences of recall for which the runs that they need are told.
DIFFERENCES = (0.02, 0.05, 0.1)

Metrics = Mapping[str, Any]


def _conditions(runs: Sequence[Metrics]) -> list[str]:
    """The conditions that all runs have.

    Raises
    ------
    DataError
        A run is not one of the lesion protocol, or has tests at other times than the first one.
    """
    for run in runs:
        if "recall" not in run or "lesion_seconds" not in run:
            raise DataError("a run without the metrics recall and lesion_seconds: not of the lesion protocol")
        if run["recall"]["seconds"] != runs[0]["recall"]["seconds"]:
            raise DataError("recall was tested at other times in some runs: they cannot be averaged")
    return [name for name in CONDITIONS if all(name in run["recall"] for run in runs)]


def _values(runs: Sequence[Metrics], name: str) -> list[float]:
    return [float(scalars(run)[name]) for run in runs]  # type: ignore[arg-type]


def _recoveries(runs: Sequence[Metrics], condition: str, lesion: int) -> list[Recovery]:
    names = (
        "accuracy_before_lesion",
        "accuracy_after_lesion",
        "recovered_accuracy",
        "recovery_time",
        "recovery_censored",
    )
    columns = [_values(runs, f"{condition}.{name}_{lesion}") for name in names]
    return [
        Recovery(before, after, final, math.nan, time, bool(censored))
        for before, after, final, time, censored in zip(*columns, strict=True)
    ]


def recall_places(seconds: Sequence[float], lesion_seconds: Sequence[float], lesion: int) -> dict[str, int]:
    """Places in a recall curve of the tests before and after a lesion, by what a heading calls them."""
    start = lesion_seconds[lesion - 1]
    later = [other for other in lesion_seconds if other > start]
    before = max(place for place, time in enumerate(seconds) if time < start)
    after = [place for place, time in enumerate(seconds) if time >= start and all(time < o for o in later)]
    # The last test before the next lesion is put before it on the axis; it is one at the time of that lesion.
    ends = [*(seconds[place] for place in after[1:-1]), later[0] if later else seconds[after[-1]]]
    names = ["before", "just after", *(duration_text(end - start) for end in ends)]
    return dict(zip(names, [before, *after], strict=True))


def summary(runs: Sequence[Metrics], lesion: int) -> Table:
    """All conditions after lesion 1 or 2: mean and 95 % interval over the runs.

    ``runs`` are the metrics of finished runs of the protocol ``lesion``.

    Raises
    ------
    DataError
        A run is of another protocol, or has tests at other times.
    """
    conditions = _conditions(runs)
    places = recall_places(runs[0]["recall"]["seconds"], runs[0]["lesion_seconds"], lesion)
    head = ["condition", *places, *COUNTS.values(), "recovery time (min), each run"]
    rows = []
    for name in conditions:
        recall = [run["recall"][name] for run in runs]
        cells = [estimate_mean([r[place] for r in recall], ACCURACY).text() for place in places.values()]
        for measure in COUNTS:
            cells.append(estimate_mean(_values(runs, f"{name}.{measure}_{lesion}"), COUNT).text(0))
        times = [f"{'>' * r.censored}{r.time / 60:.0f}" for r in _recoveries(runs, name, lesion)]
        rows.append([LABELS[name], *cells, ", ".join(times)])
    return Table(head, rows, f"Recall before and after lesion {lesion}, n = {len(runs)}")


def comparisons(runs: Sequence[Metrics], lesion: int) -> Table:
    """Paired differences of every condition from the first one; arguments and errors as :func:`summary`."""
    first, *others = _conditions(runs)
    head = [
        f"against {LABELS[first]}",
        "difference at the end",
        "p (t)",
        "difference in new lateral synapses",
        "p (t)",
        "recovered later / earlier / undecided",
        "p (sign)",
        "p (log-rank)",
    ]
    rows = []
    for name in others:
        cells = [LABELS[name]]
        for measure, bounds, digits in (
            ("recovered_accuracy", ACCURACY, 3),
            ("new_lateral_synapses", COUNT, 0),
        ):
            pair = [_values(runs, f"{condition}.{measure}_{lesion}") for condition in (name, first)]
            comparison = compare_paired(*pair, bounds)
            cells += [comparison.difference.text(digits), f"{comparison.p_t:.2g}"]
        times = compare_recoveries(_recoveries(runs, name, lesion), _recoveries(runs, first, lesion))
        cells += [
            f"{times.n_longer} / {times.n_shorter} / {times.n_undecided}",
            f"{times.p_sign:.2g}",
            f"{times.p_logrank:.2g}",
        ]
        rows.append(cells)
    return Table(head, rows, f"Paired differences after lesion {lesion}, n = {len(runs)}")


def power(runs: Sequence[Metrics]) -> Table:
    """How many runs a difference of recall needs, by the s.d. of the paired differences at the end of a recovery.

    For a power of 0.8 (:func:`~spikingsampling.analysis.power.runs_needed`). In brackets: with the bounds of the 95 %
    interval of the s.d. Arguments and errors as :func:`summary`.
    """
    first, *others = _conditions(runs)
    head = ["lesion", f"against {LABELS[first]}", "s.d. of the difference"]
    rows = []
    for lesion in (1, 2):
        for name in others:
            pair = [_values(runs, f"{condition}.recovered_accuracy_{lesion}") for condition in (name, first)]
            sd = float(np.std(np.subtract(*pair), ddof=1))
            if sd == 0:  # for example where no run recovers
                rows.append([str(lesion), LABELS[name], "0", *["–"] * len(DIFFERENCES)])
                continue
            low, high = sd_interval(sd, len(runs))
            needed = [[runs_needed(difference, s) for s in (sd, low, high)] for difference in DIFFERENCES]
            cells = [f"{n} ({least} … {most})" for n, least, most in needed]
            rows.append([str(lesion), LABELS[name], f"{sd:.3f} ({low:.3f} … {high:.3f})", *cells])
    head += [f"runs for {difference:g}" for difference in DIFFERENCES]
    return Table(head, rows, f"Runs that a difference of recall needs, from n = {len(runs)}")


def lesion_tables(runs: Sequence[FinishedRun]) -> list[Table]:
    """After each lesion: :func:`summary`, and :func:`comparisons` where there are several conditions; :func:`power`."""
    metrics = [run.content for run in runs]
    several = len(_conditions(metrics)) > 1
    tables = []
    for lesion in (1, 2):
        tables += [summary(metrics, lesion), *([comparisons(metrics, lesion)] if several else [])]
    return [*tables, power(metrics)] if several and len(metrics) > 1 else tables


def recall_over_seeds(runs: Sequence[FinishedRun]) -> Figure:
    """Recall of all conditions over learning time: mean and 95 % interval over the runs."""
    metrics = [run.content for run in runs]
    curves = {name: [run["recall"][name] for run in metrics] for name in _conditions(metrics)}
    chance = 1 / len(runs[0].settings["digits"])
    return recall_figure(curves, metrics[0]["recall"]["seconds"], metrics[0]["lesion_seconds"], chance)
