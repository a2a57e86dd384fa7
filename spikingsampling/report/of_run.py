"""The report of a run, whatever its protocol: what is in its directory decides what the report shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from .._version import __version__
from ..errors import SpikingSamplingError
from ..experiment import discovery
from ..experiment.metrics import COSTS, curves, tabulate
from ..experiment.protocol import Protocol
from ..experiment.run_files import read_metrics
from ..plotting.saving import caption_of
from ..recording.reader import RecordingReader
from ..recording.reading import open_recording
from ..simulation.progress import format_duration
from . import page
from .activity import MAX_CELLS, raster_data, theta_data
from .export import find_recordings
from .facts import LogFacts, command, read_log, read_run, settings_of
from .figures import curve_figure, rate_figure, svg, turnover_figure
from .prose import prose
from .results import result_tables

__all__ = ["RunReport", "experiment", "find_protocol", "run_report"]

_KEY = (
    '<p class="state key">learning:<span style="background:#0072B2"></span>sampling'
    '<span style="background:#009E73"></span>MAP<span style="background:#CC79A7"></span>likelihood'
    '<span style="background:#E69F00"></span>off; dashed: events such as lesions. '
    "Drag to move, double-click to zoom in.</p>"
)


def find_protocol(name: str) -> Protocol[Any] | None:
    """The protocol of a run, None if it is not installed here."""
    try:
        return discovery.load(name)
    except SpikingSamplingError:
        return None


def experiment(protocol: Protocol[Any] | None) -> str:
    """The section that says what a protocol does and expects; empty if that is not known."""
    text = protocol.documentation if protocol else ""
    return page.section("The experiment", prose(text)) if text else ""


def run_report(directory: Path) -> str:
    """The report of a run as HTML.

    Raises
    ------
    ResumeError
        There is no run.
    RecordingError
        Its recording is damaged.
    """
    return RunReport(directory).html()


def _words(name: str) -> str:
    """The name of a file or folder as words."""
    text = name.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def _start(path: Path) -> float:
    with open_recording(path) as recording:
        return recording.segments[0].start if recording.segments else 0.0


class RunReport:
    """Reads a run directory once and writes its sections."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.run = read_run(directory)
        self.protocol = find_protocol(self.run.protocol)
        self.metrics = read_metrics(directory)
        self.log: LogFacts = read_log(directory)
        self.settings = settings_of(self.run, self.protocol)
        paths = find_recordings(directory)
        # In the order of simulated time: what the others start from comes first.
        self.recordings = dict(sorted(paths.items(), key=lambda item: (_start(item[1]), item[0])))
        self.attributes: Mapping[str, Any] = {}
        self.warnings = list(self.log.warnings)

    def html(self) -> str:
        """The page."""
        results = self._results()
        pictures = self._figures()
        activity = [part for name, path in self.recordings.items() for part in self._recording(name, path)]
        sections = [
            experiment(self.protocol),
            results,
            *pictures,
            *activity,
            self._settings(),
            self._versions(),
        ]
        seed = self.run.configuration.get("seed", 0)
        title = f"{self.run.protocol_name}: preset {self.run.preset}, seed {seed}"
        name = escape(self.directory.resolve().name)
        footer = f"Written by spikingsampling {__version__} from the run directory <code>{name}</code>."
        return page.document(title, self._head(title), [self._warnings(), *sections], footer)

    def _head(self, title: str) -> str:
        finished = self.metrics is not None
        mark, word = ("", "finished") if finished else (" pending", "not finished")
        status = f'<span class="status{mark}">{word}</span>'
        summary = self.protocol.summary if self.protocol else ""
        metrics = self.metrics or {}
        wall = metrics.get("wall_seconds")
        times = {0: "", 1: ", resumed once"}.get(self.log.resumed, f", resumed {self.log.resumed} times")
        simulated = metrics.get("simulated_seconds")
        memory = metrics.get("peak_memory_mib")
        entries = {
            "started": f"{self.log.started}{times}" if self.log.started else "",
            "wall time": format_duration(wall) if isinstance(wall, float) else "",
            "simulated time": format_duration(simulated) if isinstance(simulated, float) else "",
            "memory of the largest process": f"{memory:.0f} MiB" if isinstance(memory, float) else "",
            "data": _data(self.run.configuration.get("data", "")),
            "machine": "; ".join(self.log.machines),
        }
        return (
            f"<h1>{escape(title)} {status}</h1>\n"
            + (f'<p class="lead">{escape(summary)}.</p>\n' if summary else "")
            + page.facts(entries)
        )

    def _warnings(self) -> str:
        messages = list(self.warnings)
        if self.metrics is None:
            messages.insert(0, "The run is not finished: this is what was there when the report was written.")
        table = tabulate(self.metrics or {})
        undefined = [name for name, metric in table.items() if metric.value is None and not metric.more]
        if undefined:
            messages.append(f"Not a number: {', '.join(undefined)}.")
        items = "".join(f"<li>{escape(text)}</li>" for text in messages)
        return (
            f'<div class="warnings" role="note"><h2>Warnings</h2><ul>{items}</ul></div>' if messages else ""
        )

    def _results(self) -> str:
        table = {n: m for n, m in tabulate(self.metrics or {}).items() if n not in (*COSTS, "version")}
        tables = result_tables(table)
        drawn = []
        for curve in curves(self.metrics or {}):
            if curve.name in (path.stem for path in self._drawn()):
                continue  # the protocol has drawn it
            if (figure := curve_figure(curve)) is not None:
                drawn.append(
                    page.figure_svg(svg(figure, curve.name), f"{_words(curve.name.replace('.', ', '))}.")
                )
        return page.section(
            "Results", *tables, f'<div class="figures">{"".join(drawn)}</div>' if drawn else ""
        )

    def _drawn(self) -> list[Path]:
        """The figures that a page can show, each once: PNG, or SVG where there is no PNG of that name."""
        paths = {
            (len(path.parts), path.with_suffix("")): path
            for suffix in (".svg", ".png")
            for pattern in ("figures/*", "*/figures/*")
            for path in self.directory.glob(pattern + suffix)
        }
        return [paths[name] for name in sorted(paths)]

    def _figures(self) -> list[str]:
        paths = self._drawn()
        names = {path.stem for path in paths}
        hidden = sorted(path.stem for path in self.directory.glob("figures/*.pdf") if path.stem not in names)
        if hidden:
            command_line = f"spikingsampling figures {shlex.quote(self.directory.name)}"
            self.warnings.append(f"Figures in PDF are not shown: {', '.join(hidden)}. As PNG: {command_line}")
        groups: dict[str, list[str]] = {"Reconstructions": [], "Figures": []}
        for path in paths:
            part = "" if path.parent.parent == self.directory else f"{_words(path.parent.parent.name)}: "
            group = "Reconstructions" if "reconstruct" in path.stem else "Figures"
            caption = caption_of(path) or f"{_words(path.stem)}."
            groups[group].append(page.figure_file(path, f"{part}{caption}"))
        return [
            page.section(n, f'<div class="figures">{"".join(f)}</div>') if f else ""
            for n, f in groups.items()
        ]

    def _recording(self, name: str, path: Path) -> Iterator[str]:
        with open_recording(path) as recording:
            self.attributes = self.attributes or recording.attributes
            label = f", {_words(name).lower()}" if name else ""
            if not recording.complete and self.metrics is not None:
                self.warnings.append(f"The recording{label} is not complete.")
            identity = f"{name}-" if name else ""
            yield page.section(f"Activity{label}", *self._activity(recording, identity))
            yield page.section(f"Synapses{label}", *self._synapses(recording, identity))

    def _activity(self, recording: RecordingReader, identity: str) -> Iterator[str]:
        if not (recording.segments and recording.populations):
            return
        data = raster_data(recording, MAX_CELLS // max(1, len(self.recordings)))
        spikes = ", ".join(
            f"{p['spikes']:,} of {p['name']} ({p['size']} neurons)" for p in data["populations"]
        )
        yield page.viewer("raster", data, f"Spikes over time: {spikes}.", _KEY)
        if (rates := rate_figure(recording)) is not None:
            yield page.figure_svg(svg(rates, f"{identity}rates"), "Mean rate of each population over time.")

    def _synapses(self, recording: RecordingReader, identity: str) -> Iterator[str]:
        for projection in recording.projections:
            if (data := theta_data(recording, projection)) is not None:
                ends = " to ".join(data["ends"])
                caption = (
                    f"θ of {projection} ({ends}, {data['synapses']:,} potential synapses), in time. "
                    "Blue: θ > 0, where a synapse is active; grey: θ ≤ 0."
                )
                yield f"<h3>{escape(projection)}</h3>" + page.viewer("histogram", data, caption)
        if (turnover := turnover_figure(recording)) is not None:
            caption = "Turnover: active synapses, and those formed and lost between snapshots, of all potential ones."
            yield page.figure_svg(svg(turnover, f"{identity}turnover"), caption)

    def _settings(self) -> str:
        rows = [(s.key, page.number(s.value), s.meaning) for s in self.settings]
        changes = [index for index, setting in enumerate(self.settings) if setting.changed]
        headings = ("setting", "value", "meaning")
        repetition = f"<p>The same run again:</p><pre>{escape(command(self.run, self.settings))}</pre>"
        note = ""
        if changes:
            note = "<p>Other than in the preset:</p>"
            note += page.table(headings, [rows[i] for i in changes], code=(0,))
        every = page.table(headings, rows, code=(0,), marked=changes)
        every = f"<details><summary>All {len(rows)} settings</summary>{every}</details>"
        return page.section("Settings", repetition, note, every)

    def _versions(self) -> str:
        versions = {"spikingsampling": self.run.version}
        for name, value in self.attributes.items():
            package = name.removesuffix("_version")
            if name.endswith("_version") and name not in ("format_version", "spikingsampling_version"):
                versions[package] = str(value)
        return page.section("Versions", page.facts(versions))


def _data(settings: Any) -> str:
    """Which data a run was shown; of the user's own with the beginning of their hash."""
    if not isinstance(settings, Mapping):
        return str(settings)
    own = {name: settings[name] for name in ("images", "sounds") if settings.get(name)}
    texts = [f"{name} {path} ({settings.get(f'{name}_sha256', '')[:12]})" for name, path in own.items()]
    return "; ".join([*texts, *([] if len(own) == 2 else [str(settings.get("source", ""))])])
