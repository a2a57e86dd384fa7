"""Reports: what they say, and that they work in a real browser."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.browser import browser
from helpers.report_runs import METRICS, PROTOCOL, write_run
from spikingsampling.errors import RecordingError, ResumeError
from spikingsampling.recording.reading import open_recording
from spikingsampling.recording.record import Layout, SegmentRecord
from spikingsampling.recording.settings import Recording
from spikingsampling.recording.writing import RecordingWriter
from spikingsampling.report import activity, of_run, of_sweep, write_report
from spikingsampling.sweeps.plan import Plan
from spikingsampling.sweeps.sweep import Sweep


@pytest.fixture(autouse=True)
def protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (of_run, of_sweep):
        monkeypatch.setattr(module, "find_protocol", lambda name: PROTOCOL if name == "toy" else None)


class Outline(HTMLParser):
    """What a page consists of."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._inside: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        self._inside.append(tag)
        links = ("src", "href", "xlink:href", "action", "data", "srcset")
        self.links += [value for name, value in attributes if name in links]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        self.text += " " if tag in ("td", "th", "dt", "dd", "li", "a") else ""

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._inside):
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


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


def write_sweep(directory: Path, failed: int | None = None) -> Path:
    directory.mkdir()
    plan = Plan("toy", "quick", (0, 1, 2), {"circuit.temperature": (0.25, 0.5)})
    plan.write(directory)
    sweep = Sweep.open(directory)
    for index, (run, cell) in enumerate(zip(sweep.runs, plan.cells(), strict=True)):
        value = 0.5 + cell["circuit.temperature"] + 0.01 * cell["seed"] ** 2
        metrics = None if index == failed else {**METRICS, "joint.accuracy": value}
        arguments = {"seed": cell["seed"], "temperature": cell["circuit.temperature"]}
        write_run(run, metrics, recordings=(), figures=(), **arguments)
        if index == failed:
            (run / "error.txt").write_text("Traceback\nthe <disk> is full")
    return directory


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


N_SPIKES, DURATION, SIZE = 100_000, 200.0, 30


@pytest.fixture(scope="module")
def big_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose neurons fire one after the other, so that each window of time has its own raster."""
    directory = write_run(tmp_path_factory.mktemp("big") / "run", recordings=())
    rng = np.random.default_rng(1)
    writer = RecordingWriter(directory / "recording.h5", Layout({"only": SIZE}), {}, Recording())
    for index, label in enumerate(("train", "test")):
        start = index * DURATION / 2
        times = np.sort(start + rng.uniform(0, DURATION / 2, N_SPIKES // 2))
        neurons = (times / DURATION * SIZE).astype(int)
        mode = "sampling" if index == 0 else "off"
        writer.append(
            SegmentRecord(index, start, start + DURATION / 2, mode, label, {"only": (times, neurons)})
        )
    writer.complete()
    return directory


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as driver:
        yield driver


def visit(chrome: Any, path: Path, width: int = 1200) -> None:
    chrome.set_window_size(width, 900)
    emulation = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", emulation)
    chrome.get(path.resolve().as_uri())
    deadline = time.monotonic() + 60
    while chrome.execute_script("return document.documentElement.dataset.ready") is None:
        assert time.monotonic() < deadline, chrome.get_log("browser")
        time.sleep(0.05)
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
    loaded = chrome.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in loaded if not name.startswith("data:")] == []


def view(chrome: Any, kind: str) -> tuple[str, str]:
    """What a viewer shows: a digest of its pixels, and its line of text."""
    script = """
        const figure = document.querySelector(`figure[data-view=${arguments[0]}]`);
        return [figure.querySelector("canvas").toDataURL(), figure.querySelector(".state").textContent];
    """
    pixels, text = chrome.execute_script(script, kind)
    return pixels, text


def press(chrome: Any, kind: str, label: str) -> None:
    script = (
        "document.querySelector(`figure[data-view=${arguments[0]}] [aria-label='${arguments[1]}']`).click()"
    )
    chrome.execute_script(script, kind, label)


def test_the_raster_zooms_and_steps_through_time(chrome: Any, big_run: Path) -> None:
    visit(chrome, write_report(big_run))
    whole = view(chrome, "raster")
    assert whole[1].startswith("0.000 s to 200.000 s")
    assert "bins of 1 ms" in whole[1]
    # The browser has unpacked the same spikes: the fullest cell that it draws is that of NumPy.
    columns = 2 * (chrome.execute_script("return document.querySelector('canvas').clientWidth") - 70)
    with open_recording(big_run) as recording:
        times, neurons = recording.spikes("only")
    bins = np.floor(times * 1e3 + 1e-6)
    counts, *_ = np.histogram2d(
        np.floor(bins * columns * 1e-3 / 200 + 1e-6), neurons, [columns, SIZE], [[0, columns], [0, SIZE]]
    )
    assert f"darkest: {counts.max():.0f} spikes" in whole[1]
    press(chrome, "raster", "zoom in")
    zoomed = view(chrome, "raster")
    assert zoomed[1].startswith("75.000 s to 125.000 s")
    press(chrome, "raster", "one window later")
    later = view(chrome, "raster")
    assert later[1].startswith("125.000 s to 175.000 s")
    assert len({whole[0], zoomed[0], later[0]}) == 3
    slider = """
        const slider = document.querySelector("figure[data-view=raster] input.time");
        slider.value = 0; slider.dispatchEvent(new Event("input"));
    """
    chrome.execute_script(slider)
    first = view(chrome, "raster")
    assert first[1].startswith("0.000 s to 50.000 s")
    assert first[0] != later[0]
    press(chrome, "raster", "the whole recording")
    assert view(chrome, "raster") == whole


def test_the_histogram_steps_through_snapshots(chrome: Any, tmp_path: Path) -> None:
    visit(chrome, write_report(write_run(tmp_path / "run")))
    last = view(chrome, "histogram")
    with open_recording(tmp_path / "run") as recording:
        theta, w = recording.theta("forward"), recording.w("forward")
    mean = f"{theta.mean():.3f}".replace("-", "−")
    assert last[1] == f"t = 40 s (snapshot 2 of 2): {100 * np.mean(w > 0):.1f} % active, mean θ {mean}"
    press(chrome, "histogram", "the snapshot before")
    first = view(chrome, "histogram")
    assert "snapshot 1 of 2" in first[1]
    assert first[0] != last[0]
    press(chrome, "histogram", "zoom in")
    assert view(chrome, "histogram")[0] != first[0]


LAYOUT_SCRIPT = """
    const box = (e) => {
        const r = e.getBoundingClientRect();
        return [r.left, r.top + scrollY, r.right, r.bottom + scrollY];
    };
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
        width: innerWidth, scroll: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight,
        sections: all("main > section").map((e) => [e.querySelector("h2").textContent, box(e)]),
        pictures: all("figure > img, figure > svg, figure canvas").map((e) =>
            [box(e), e.naturalWidth ?? 1, box(e.closest("figure").querySelector("figcaption"))]),
        controls: all(".controls").map((e) => [box(e), box(e.parentElement.querySelector("canvas"))]),
        smallest: Math.min(...all("main p, main td, main th, figcaption").filter((e) => e.textContent)
            .map((e) => parseFloat(getComputedStyle(e).fontSize))),
    };
"""


@pytest.mark.parametrize("width", [1200, 390], ids=["desktop", "phone"])
def test_the_layout(chrome: Any, tmp_path: Path, width: int) -> None:
    visit(chrome, write_report(write_run(tmp_path / "run")), width)
    found = chrome.execute_script(LAYOUT_SCRIPT)
    assert found["width"] == width
    assert found["scroll"] <= width  # nothing sticks out
    assert found["smallest"] >= 12
    titles = " | ".join(title for title, _ in found["sections"])
    assert titles == (
        "The experiment | Results | Reconstructions | Figures | Activity | Synapses | Settings | Versions"
    )
    bottoms = [box[3] for _, box in found["sections"]]
    tops = [box[1] for _, box in found["sections"]]
    assert all(bottom <= top for bottom, top in zip(bottoms, tops[1:], strict=False))
    # Two PNGs, raster and rates, two histograms and turnover.
    assert len(found["pictures"]) == 7
    shot = screenshot(chrome, width, found["height"])
    for box, loaded, caption in found["pictures"]:
        left, top, right, bottom = (round(edge) for edge in box)
        assert loaded and right - left > 0.6 * min(width, 600) and bottom - top > 90
        assert caption[1] >= bottom - 1
        picture = shot[top:bottom, left:right].min(axis=2)
        assert 0.002 < np.mean(picture < 0.7) < 0.9  # drawn, neither blank nor filled
    for controls, canvas in found["controls"]:
        assert controls[3] <= canvas[1]
    assert (shot[:, :8].min(), shot[:, -8:].min()) == (1.0, 1.0)  # margins are white


def screenshot(chrome: Any, width: int, height: float) -> np.ndarray:
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    options = {"captureBeyondViewport": True, "clip": clip}
    data = chrome.execute_cdp_cmd("Page.captureScreenshot", options)["data"]
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(data)))[:, :, :3]


def test_all_settings_are_printed(chrome: Any, tmp_path: Path) -> None:
    visit(chrome, write_report(write_run(tmp_path / "run")))
    assert chrome.execute_script("return document.querySelector('details').open") is False
    pdf = base64.b64decode(chrome.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    assert chrome.execute_script("return document.querySelector('details').open") is True


def test_the_report_of_a_sweep_in_the_browser(chrome: Any, tmp_path: Path) -> None:
    visit(chrome, write_report(write_sweep(tmp_path / "sweep")))
    assert chrome.execute_script("return document.querySelectorAll('figure svg').length") >= 1
    assert json.loads(chrome.execute_script("return JSON.stringify(innerWidth)")) == 1200
