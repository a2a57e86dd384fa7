"""The change of recorded synapses, by group and map, and its table and command."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from helpers.runs.recording_samples import simulate
from spikingsampling import cli
from spikingsampling.analysis.geometry import change_table, delta_cdf, recorded_changes
from spikingsampling.errors import ParameterError, RecordingError
from spikingsampling.plotting.weights import plot_changes
from spikingsampling.recording import RecordingReader, open_recording

TIMES = np.array([10.0, 20.0, 30.0])
N = 400


class Recorded:
    """As an open recording: θ at three times; the last synapse was removed by a lesion, and has no weight."""

    path = Path("stub")

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        self.values = np.cumsum(rng.normal(0, 1.5, (3, N)), axis=0)
        self.values[:, -1] = 3.0, 3.1, 3.5

    def snapshot_times(self, projection: str) -> np.ndarray:
        return TIMES[:1] if projection == "once" else TIMES

    def theta(self, projection: str, time: float) -> np.ndarray:
        assert projection == "lateral"
        if time < TIMES[0]:
            raise RecordingError("no snapshot")
        return self.values[np.searchsorted(TIMES, time, side="right") - 1].astype(np.float32)

    def w(self, projection: str, time: float) -> np.ndarray:
        theta = self.theta(projection, time).astype(float)
        w = np.where(theta > 0, np.exp(theta - 3), 0.0)
        w[-1] = 0.0
        return w.astype(np.float32)


RECORDED = Recorded()


def changes(*arguments: Any, **options: Any) -> dict[str, Any]:
    found = recorded_changes(cast(RecordingReader, RECORDED), "lateral", *arguments, **options)
    return {change.group: change for change in found}


def test_groups_are_those_of_both_ends() -> None:
    found = changes(12.0, 29.0, strong=1.0)
    before, after = (row.astype(np.float32).astype(float) for row in RECORDED.values[:2])
    whole = np.arange(N) < N - 1
    members = {
        "all": whole | ~whole,
        "retracted": (before <= 0) & (after <= 0),
        "active": (before > 0) & (after > 0) & whole,
        "strong": (before > 1) & (after > 0) & whole,
    }
    assert list(found) == list(members)
    for group, chosen in members.items():
        change = found[group]
        moved = (after - before)[chosen]
        assert (change.start, change.stop, change.n) == (10.0, 20.0, chosen.sum())
        assert change.sd == pytest.approx(moved.std())
        assert change.readings["θ"].delta_cdf == pytest.approx(delta_cdf(moved, centred=True))


def test_weights_are_read_through_their_maps() -> None:
    found = changes(strong=0.5)["strong"]
    assert (found.start, found.stop) == (10.0, 30.0)
    chosen = (RECORDED.values[0] > 0.5) & (RECORDED.values[2] > 0)
    chosen[-1] = False
    first, last = (np.exp(RECORDED.values[row][chosen] - 3) for row in (0, 2))
    maps = {"log w": np.log, "√w": np.sqrt, "w": np.array, "−1/w": lambda w: -1 / w}
    assert set(found.readings) == {"θ", *maps}
    for name, dual in maps.items():
        expected = delta_cdf(dual(last) - dual(first), centred=True)
        assert found.readings[name].delta_cdf == pytest.approx(expected, abs=1e-5)
        assert found.readings[name].centred
    assert set(changes()["retracted"].readings) == {"θ"}


def test_what_does_not_change_is_not_read() -> None:
    found = changes(strong=100.0)["strong"]
    assert (found.n, found.sd, found.readings) == (0, 0.0, {})
    rows = change_table([found, changes()["all"]]).rows
    assert rows[0] == ("lateral", "strong", "10 to 30", "0", *[""] * 6, "0.000", "")
    assert rows[1][3] == f"{N}"
    assert all(rows[1][k] for k in (4, 9, 10, 11))
    assert rows[1][5:9] == ("", "", "", "")


@pytest.mark.parametrize(("start", "stop"), [(10.0, 19.0), (30.0, 10.0), (None, 12.0), (25.0, 28.0)])
def test_two_snapshots_in_their_order_are_needed(start: float | None, stop: float) -> None:
    with pytest.raises(ParameterError, match=r"must be two snapshots of 'lateral'.*10, 20, 30 s"):
        changes(start, stop)


def test_wrong_requests() -> None:
    with pytest.raises(RecordingError, match="no snapshot"):
        changes(3.0)
    with pytest.raises(ParameterError, match="strong = nan"):
        changes(strong=float("nan"))
    with pytest.raises(ParameterError, match="projection 'once' has 1 snapshots: a change needs two"):
        recorded_changes(cast(RecordingReader, RECORDED), "once")


def test_the_command_prints_the_table_of_all_projections(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(tmp_path / "run")
    with open_recording(tmp_path / "run") as recording:
        found = [change for name in recording.projections for change in recorded_changes(recording, name)]
        name = next(iter(recording.projections))
        first, last = recording.snapshot_times(name)
    with pytest.raises(SystemExit) as left:
        cli.main(("geometry", str(tmp_path / "run"), "--format", "csv"))
    assert left.value.code == 0
    assert capsys.readouterr().out == change_table(found).csv() + "\n"
    options = (
        "--figure",
        str(tmp_path / "changes.png"),
        "--projection",
        name,
        "--start",
        str(first + 1),
        "--stop",
        str(last),
        "--strong",
        "0",
    )
    with pytest.raises(SystemExit) as left:
        cli.main(("geometry", str(tmp_path / "run"), *options, "--format", "csv"))
    assert left.value.code == 0
    with open_recording(tmp_path / "run") as recording:
        found = recorded_changes(recording, name, first + 1, last, strong=0.0)
    assert capsys.readouterr().out == change_table(found).csv() + "\n"
    assert (tmp_path / "changes.png").read_bytes().startswith(b"\x89PNG")


def test_a_format_that_is_not_known_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(tmp_path / "run")
    with pytest.raises(SystemExit) as left:
        cli.main(("geometry", str(tmp_path / "run"), "--figure", "changes.tiff"))
    assert left.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "tiff" in shown.err


def test_the_figure_shows_every_group_that_was_read() -> None:
    found = list(changes(strong=1.0).values())
    figure = plot_changes(found)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["θ", "log w", "√w", "w", "−1/w"]
    drawn = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert [line.get_label() for line in drawn] == [f"{one.group} (n = {one.n})" for one in found]
    for line, one in zip(drawn, found, strict=True):
        np.testing.assert_allclose(line.get_ydata(), [reading.delta_cdf for reading in one.readings.values()])
    bounds = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    np.testing.assert_allclose(bounds, [one.readings["θ"].bound for one in found])
