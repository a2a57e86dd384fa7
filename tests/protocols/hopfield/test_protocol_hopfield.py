"""The protocol of the Hopfield network: its smoke preset, its streams and its figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run import Run
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.models.hopfield import theory as theory
from spikingsampling.protocols.hopfield.hopfield import PROTOCOL
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield.completion import text
from spikingsampling.protocols.studies.hopfield.figures import (
    CONVENTION_NAMES,
    RULE_NAMES,
    plot_lines,
    plot_phases,
)
from spikingsampling.protocols.studies.hopfield.interference import palimpsest, unlearning
from spikingsampling.protocols.studies.hopfield.limits import bit_errors, capacity, phases

FIGURES = {
    *("capacity", "bit_errors", "melting", "phases", "unlearning", "correlated", "sharing", "held"),
    *("palimpsest", "noise", "basins", "text", "completion"),
}


def stream(name: str) -> np.random.SeedSequence:
    return np.random.SeedSequence(list(name.encode()))


def seeds(name: str) -> list[np.random.SeedSequence]:
    return stream(name).spawn(2)


def test_the_smoke_preset_measures_everything(tmp_path: Path) -> None:
    configuration = PROTOCOL.configure("smoke", {})
    run = Run(configuration, tmp_path, figures=False)
    metrics = PROTOCOL.run(run)
    assert metrics["theory.alpha_c"] == pytest.approx(0.1379, abs=5e-5)
    assert metrics["capacity.n_60.alpha_0.05"]["n"] == 2
    assert metrics["text.projection.lecture"] == 1.0
    assert metrics["pictures.projection.25_flipped"] > metrics["pictures.hebb.25_flipped"]
    assert len((tmp_path / "text_hebb.txt").read_text().splitlines()) == 5
    assert not (tmp_path / "figures").exists()


@pytest.mark.slow
def test_the_smoke_preset_draws_all_figures(tmp_path: Path) -> None:
    configuration = PROTOCOL.configure("smoke", {})
    with create_directory(PROTOCOL, "smoke", configuration, tmp_path / "run") as folder:
        execute(PROTOCOL, configuration, folder)
    assert {path.stem for path in (folder / "figures").glob("*.png")} == FIGURES
    assert json.loads((folder / "metrics.json").read_text())["text.projection.lecture"] == 1.0


def test_capacity_has_a_stream_for_each_size() -> None:
    c = PROTOCOL.configure("smoke", {"sizes": [40, 60]})
    metrics = capacity(c, stream).metrics
    for n in (40, 60):
        values = [experiments.retrieval(n, 0.2, 0.0, seed) for seed in seeds(f"capacity.n_{n}.alpha_")]
        assert metrics[f"capacity.n_{n}.alpha_0.2"]["value"] == pytest.approx(np.mean(values))
        assert metrics[f"capacity.n_{n}.alpha_0.2"]["theory"] == 0
        assert metrics[f"capacity.n_{n}.alpha_0.05"]["theory"] == theory.overlap(0.05)
    assert metrics["theory.m_c"] == theory.capacity()[1]


def test_bit_errors_are_of_the_largest_network() -> None:
    metrics = bit_errors(PROTOCOL.configure("smoke", {"sizes": [40, 60]}), stream).metrics
    values = [experiments.bit_errors(60, 0.2, seed) for seed in seeds("bit_error.alpha_")]
    assert metrics["bit_error.alpha_0.2"]["value"] == pytest.approx(np.mean(values))
    assert metrics["bit_error.alpha_0.2"]["theory"] == theory.bit_error(0.2)


def test_each_point_of_the_phases_has_its_stream() -> None:
    outcome = phases(PROTOCOL.configure("smoke", {}), stream)
    values = [experiments.retrieval(60, 0.2, 0.1, seed, 6) for seed in seeds("phases 0.1 0.2")]
    assert outcome.metrics["phases.T_0.1.alpha_0.2"]["value"] == pytest.approx(np.mean(values))
    assert outcome.metrics["phases.T_0.1.alpha_0.05"]["theory"] == theory.overlap(0.05, 0.1)
    _, _, grid = outcome.figures["phases"][0].args
    assert grid[0, 1] == pytest.approx(np.mean(values))


def test_unlearning_is_told_before_at_its_best_and_after() -> None:
    c = PROTOCOL.configure("smoke", {"dreams": [0, 10, 20]})
    metrics = unlearning(c, stream).metrics
    runs = np.array([experiments.unlearning(30, 0.3, 0.01, [0, 300, 600], s) for s in seeds("dreams 0.3")])
    for when, values in (("before", runs[:, 0]), ("best", runs.max(axis=1)), ("after", runs[:, 2])):
        assert metrics[f"unlearning.alpha_0.3.{when}"].value == pytest.approx(values.mean())


def test_the_youngest_fiftieth_of_the_patterns() -> None:
    """100 patterns of 200 neurons: the youngest two."""
    metrics = palimpsest(PROTOCOL.configure("smoke", {"neurons": 200}), stream).metrics
    for rule in ("hebb", "palimpsest"):
        runs = [experiments.overlap_by_age(200, 100, 4.0, rule, seed) for seed in seeds(f"fades {rule}")]
        expected = np.mean([run[:2].mean() for run in runs])
        assert metrics[f"palimpsest.{rule}.youngest"].value == pytest.approx(expected)


def test_the_text_of_the_lecture_is_written() -> None:
    outcome = text(PROTOCOL.configure("smoke", {}), stream)
    assert outcome.texts["text_hebb.txt"].startswith("ceci est juste un petit exemple\n")
    assert outcome.metrics["text.hebb.lecture"] == 1.0


def test_figures_name_their_curves_in_words() -> None:
    curves = {RULE_NAMES["hebb"]: np.array([[0.2, 0.4], [0.6, 0.8]]), RULE_NAMES["storkey"]: [[1, 1]]}
    figure = plot_lines(
        [0, 1],
        curves,
        "load",
        "overlap m",
        marks={"here": 0.5},
        theory_lines={"Hebb's rule": ([0, 1], [0, 1])},
        references={"elsewhere": ([0.5], [0.5])},
    )
    ax = figure.axes[0]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.4, 0.6])
    labels = [label.get_text() for label in figure.legends[0].get_texts()]
    assert labels == ["Hebb's rule", "Storkey's rule", "here", "Hebb's rule, theory", "elsewhere"]
    assert ax.lines[3].get_color() == ax.lines[0].get_color()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("load", "overlap m")
    assert not any("glauber" in name or "logistic" in name for name in CONVENTION_NAMES.values())


def test_the_phases_are_drawn_with_their_borders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theory, "retrieval_capacity", lambda t: 0.1 * (1 - t))
    monkeypatch.setattr(theory, "global_capacity", lambda t: 0.05 * (1 - t))
    figure = plot_phases((0.1, 0.2), (0.0, 0.5, 1.2), np.arange(6.0).reshape(3, 2))
    lines = figure.axes[0].lines
    np.testing.assert_allclose(lines[0].get_xdata()[0], 0.1 * 0.98)
    np.testing.assert_allclose(lines[1].get_xdata()[0], 0.05 * 0.98)
    np.testing.assert_allclose(lines[2].get_ydata()[-1], 1 + np.sqrt(0.2))
