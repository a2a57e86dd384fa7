"""What reports of runs and sweeps say."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from helpers.outline import Outline
from helpers.runs.report_runs import write_run, write_sweep
from spikingsampling.errors import RecordingError, ResumeError
from spikingsampling.plotting.saving import write_figure
from spikingsampling.report import activity, of_run, page, write_report


def test_a_report_says_what_was_run_and_what_came_out(tmp_path: Path) -> None:
    page = Outline(write_report(write_run(tmp_path / "run")))
    for part in (
        "toy: preset quick, seed 0 finished",
        "A toy <of> few neurons",
        "12.50 s",  # wall time
        "Linux 6.1 x86_64, 4 cores",
        "few stimuli: intervals are <wide>",
        "Not a number: nothing.",
        "recall.accuracy 0.9625 0.9525 to 0.9725 600 chance 0.5",
        "joint.accuracy 0.8125 0.7125 to 0.9125 300",
        "circuit.tau_fall 20 ms decay time",
        "spikingsampling run toy --preset quick --seed 0 --set circuit.temperature=0.5",
        "200 of auditory (4 neurons), 200 of visual (6 neurons)",
        "lateral (auditory to visual, 24 potential synapses)",
        "Reconstructions from <sound>.",
        "h5py",
    ):
        assert part in page.words, part
    assert page.tags.count("img") == 2
    # The protocol has drawn its learning curve itself.
    assert page.words.count("Learning curve.") == 1
    assert page.tags.count("canvas") == 0  # they are made in the browser


def test_a_report_needs_nothing_else(tmp_path: Path) -> None:
    path = write_report(write_run(tmp_path / "run"), tmp_path / "elsewhere.html")
    page = Outline(path)
    assert all(link.startswith(("data:", "#")) for link in page.links)
    assert "default-src 'none'" in path.read_text()
    assert not re.search(r"(?<!-)\burl\((?!#)|@import|fetch\(|XMLHttpRequest", path.read_text())


def test_a_run_that_goes_on(tmp_path: Path) -> None:
    page = Outline(write_report(write_run(tmp_path / "run", None, figures=())))
    assert "not finished" in page.words
    assert "this is what was there when the report was written" in page.words
    assert "img" not in page.tags


def test_a_run_without_recording(tmp_path: Path) -> None:
    page = Outline(write_report(write_run(tmp_path / "run", recordings=(), figures=())))
    assert "Activity" not in page.words
    assert "0.9625" in page.words
    assert page.words.count("Learning curve.") == 1  # drawn from the metrics


def test_every_recording_of_a_run_is_shown(tmp_path: Path) -> None:
    page = Outline(write_report(write_run(tmp_path / "run", recordings=("no_lesion", "lesion-lateral"))))
    for heading in ("Activity, no lesion", "Synapses, lesion lateral"):
        assert heading in page.words
    assert page.words.count("Spikes over time") == 2


def test_the_protocol_need_not_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_run, "find_protocol", lambda name: None)
    assert "circuit.tau_fall 20 ms" in Outline(write_report(write_run(tmp_path / "run"))).words


def test_what_is_no_run_or_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ResumeError, match="not a run directory"):
        write_report(tmp_path)
    run = write_run(tmp_path / "run")
    data = bytearray((run / "recording.h5").read_bytes())
    (run / "recording.h5").write_bytes(data[: len(data) // 2])
    with pytest.raises(RecordingError):
        write_report(run)


def test_a_directory_may_have_any_name(tmp_path: Path) -> None:
    run = write_run(tmp_path / os.fsdecode(b"caf\xe9"), {"accuracy": 0.5}, recordings=(), figures=())
    assert "caf?" in write_report(run).read_text(encoding="utf-8")


def test_the_report_of_a_sweep(tmp_path: Path) -> None:
    page = Outline(write_report(write_sweep(tmp_path / "sweep", failed=5)))
    for part in (
        "Sweep of toy, preset quick: 6 runs 5 done, 1 failed",
        "Run 0005: the <disk> is full",
        "spikingsampling sweep --resume sweep --retry",
        "joint.accuracy temperature = 0.25 0.7667",
        "temperature = 0.5 1.005",
    ):
        assert part in page.words, part
    assert page.tags.count("svg") >= 1


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 4)), max_size=300), st.integers(0, 200))
def test_binning_keeps_every_spike(spikes: list[tuple[int, int]], budget: int) -> None:
    spikes.sort()
    steps, neurons = np.array(spikes, dtype=np.int64).reshape(-1, 2).T
    width, bins, ids, counts = activity.bin_spikes(2.0 + steps * 1e-3, neurons, 5, 2.0, budget)
    assert len(bins) <= max(budget, 5)
    assert counts.sum() == len(spikes)
    expected = np.zeros((31_000, 5), dtype=int)
    np.add.at(expected, (steps // round(width * 1e3), neurons), 1)
    found = np.zeros_like(expected)
    found[bins, ids] = counts
    np.testing.assert_array_equal(found, expected)
    if len(set(spikes)) <= max(budget, 5):
        assert width == 1e-3


def save(directory: Path, name: str, caption: str) -> None:
    (directory / "figures").mkdir(exist_ok=True)
    figure = Figure(figsize=(6, 3))
    figure.subplots().plot([0, 1], [1, 0])
    write_figure(directory / "figures" / name, figure, caption)


def test_figures_in_svg_are_shown_and_each_figure_once(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", recordings=(), figures=())
    save(run, "vector.svg", "A vector figure")
    save(run, "both.svg", "Twice")
    save(run, "both.png", "Twice")
    save(run, "learning_curve.svg", "Learning curve")
    page = Outline(write_report(run))
    shown = [link.partition(";")[0] for link in page.links if link.startswith("data:image")]
    assert shown == ["data:image/png", "data:image/svg+xml", "data:image/svg+xml"]
    assert page.words.count("A vector figure") == page.words.count("Twice") == 1
    assert page.words.count("Learning curve") == 1  # the protocol has drawn it itself


def test_figures_in_pdf_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", recordings=(), figures=("both",))
    save(run, "both.pdf", "")
    save(run, "only.pdf", "")
    assert (
        "Figures in PDF are not shown: only. As PNG: spikingsampling figures run"
        in Outline(write_report(run)).words
    )


def test_a_figure_has_the_size_of_its_lettering(tmp_path: Path) -> None:
    for name in ("a.png", "a.svg"):
        save(tmp_path, name, "")
        html = page.figure_file(tmp_path / "figures" / name, "a <caption>")
        assert 'style="width:576px"' in html  # 6 inches at 96 pixels
        assert "<figcaption>a &lt;caption&gt;</figcaption>" in html
        assert 'class="wide"' in html  # twice as wide as high
    (tmp_path / "no.png").write_bytes(b"no picture")
    (tmp_path / "no.svg").write_bytes(b"<svg>")
    assert page.figure_file(tmp_path / "no.png", "") == page.figure_file(tmp_path / "no.svg", "") == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (False, "no"),
        (-0.123456, "−0.1235"),
        (12, "12"),
        ([1, 0.5], "1, 0.5"),
        ("20 ms", "20 ms"),
    ],
)
def test_numbers_for_people(value: object, text: str) -> None:
    assert page.number(value) == text


def test_a_table_escapes_and_marks() -> None:
    html = page.table(("a", "b"), [("x<y", "1"), ("long.name", "2")], numeric=(1,), code=(0,), marked=(1,))
    assert "<th>a</th><th class=number>b</th>" in html
    assert "<tr><td><code>x&lt;y</code></td><td class=number>1</td></tr>" in html
    assert "<tr class=changed><td><code>long.<wbr>name</code></td>" in html
