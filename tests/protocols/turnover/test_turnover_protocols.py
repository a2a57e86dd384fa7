"""The protocols of turnover: what a whole run says is what its recording holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikingsampling.analysis.turnover.histories import read_history, read_parameters
from spikingsampling.cli import main
from spikingsampling.experiment.discovery import load
from spikingsampling.models.circuits import INPUT_TO_CIRCUIT, VISUAL_INPUT_TO_VISUAL
from spikingsampling.models.clusters import Clusters, TuningCurves, cluster_stimuli
from spikingsampling.protocols.studies.turnover.authors import authors_clusters
from spikingsampling.protocols.studies.turnover.environments import parameter_metrics, turnover_metrics
from spikingsampling.protocols.studies.turnover.motility import autocorrelation
from spikingsampling.protocols.turnover.enriched_environment import draw_stimuli
from spikingsampling.recording.reading import open_recording


def run(protocol: str, folder: Path, *options: str) -> dict[str, Any]:
    """The metrics of a smoke run."""
    with pytest.raises(SystemExit) as end:
        main(("run", protocol, "--preset", "smoke", "--seed", "1", "--out", str(folder), *options))
    assert not end.value.code
    return json.loads((folder / "metrics.json").read_text())


def figures(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "figures").iterdir()}


def test_three_phases_follows_synapses_that_were_not_active_before(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    metrics = run("three_phases", folder)
    with open_recording(folder) as recording:
        assert [event.kind for event in recording.events] == ["phase"] * 3
        borders = [event.time for event in recording.events[1:]]
        labels = recording.presentations
        assert set(labels["item"][labels["start"] < borders[0] - 1e-6]) == {1}
        second = (labels["start"] >= borders[0] - 1e-6) & (labels["start"] < borders[1] - 1e-6)
        assert set(labels["item"][second]) == {1, 2}
        assert set(labels["item"][labels["start"] >= borders[1] - 1e-6]) == {1}
        learning = {segment.label: segment.learning for segment in recording.segments}
        assert learning == {"test": "off", **{f"phase {k}": "sampling" for k in (1, 2, 3)}}
        # Training images come first in the library, and no test shows one of them.
        test = next(segment for segment in recording.segments if segment.label == "test")
        starts, images = recording.schedule("visual_input")
        tested = (starts >= test.start - 1e-6) & (starts < test.stop - 1e-6)
        assert images[tested].min() > images[~tested].max()
        before, after = (recording.w(VISUAL_INPUT_TO_VISUAL, t) > 0 for t in borders)
    assert metrics["recruited"] + metrics["born_onto_others"] == (~before & after).sum()
    assert figures(folder) == {"parameters", "recruited"}


def test_motility_agrees_with_the_closed_forms(tmp_path: Path) -> None:
    """1000 synapses over 20 intervals; they are independent, so their means give the standard error."""
    folder = tmp_path / "run"
    metrics = run("motility", folder)
    _, theta = read_parameters([folder / "turnover"], INPUT_TO_CIRCUIT)
    active = theta > 0
    new = ~active[:-1] & active[1:]
    formation = new.mean(axis=0)
    error = formation.std(ddof=1) / np.sqrt(active.shape[1]) / 0.69
    assert abs(metrics["formation_0.333333min"] - metrics["expected.formation_0.333333min"]) < 4 * error
    share = active.mean(axis=0)
    error = share.std(ddof=1) / np.sqrt(len(share))
    assert abs(metrics["active"] - metrics["expected.active"]) < 4 * error
    for k, minutes in enumerate(("0.333333", "0.666667", "1"), start=1):
        expected = metrics[f"expected.survival_{minutes}min"]
        # Two lifetimes of one synapse are correlated: at most as many independent ones as synapses that are ever new.
        n = min(new[:-3].sum(), new.any(axis=0).sum())
        error = np.sqrt(expected * (1 - expected) / n)
        assert abs(metrics[f"survival_{minutes}min"] - expected) < 4 * error, k
    correlations = autocorrelation(theta.astype(float), 0.5, [1, 2, 3])
    for minutes, correlation in zip(("0.333333", "0.666667", "1"), correlations, strict=True):
        assert metrics[f"autocorrelation_{minutes}min"] == correlation
    assert figures(folder) == {"autocorrelation", "laws", "survival", "traces"}


def test_the_environments_branch_from_one_moment(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    metrics = run("enriched_environment", folder)
    environments = load("enriched_environment").configure("smoke").environments
    histories = {}
    for branch, clusters in (("ee_ee", [3, 4, 5, 6, 7]), ("ee_se", [1, 2])):
        histories[branch] = read_history([folder / "trunk", folder / branch], INPUT_TO_CIRCUIT)
        with open_recording(folder / branch) as recording:
            assert json.loads(recording.events[0].detail)["clusters"] == clusters
            assert set(recording.presentations["item"]) == set(clusters)
            start = recording.attributes["start"]
        assert histories[branch].times[-1] == environments.end + environments.follow_up
    with open_recording(folder / "ee_ee") as recording:
        assert recording.attributes["start"] == start
    assert metrics.items() >= turnover_metrics(histories, environments).items()
    # Each phase by its own last snapshot.
    rows = {"se": ("trunk", 3), "ee": ("trunk", 5), "ee_ee": ("ee_ee", -1), "ee_se": ("ee_se", -1)}
    for name, (part, row) in rows.items():
        _, theta = read_parameters([folder / part], INPUT_TO_CIRCUIT)
        for measure, value in parameter_metrics(theta[row].astype(float), 3.0).items():
            assert metrics[f"{name}.{measure}"] == value
    assert figures(folder) == {"active_synapses", "formation", "survival"}


@pytest.mark.parametrize("theirs", [False, True])
def test_the_clusters_are_drawn_or_those_of_the_authors(theirs: bool) -> None:
    """The tuning curves are the same in both."""
    c = load("enriched_environment").configure("smoke", {"authors_clusters": theirs})
    stimuli = draw_stimuli(c, np.random.default_rng(7))
    rng = np.random.default_rng(7)
    drawn = Clusters.draw(c.clusters, rng)
    tuning = TuningCurves.draw(c.clusters, rng)
    expected = cluster_stimuli(c.clusters, authors_clusters() if theirs else drawn, tuning, rng)
    np.testing.assert_array_equal(stimuli.libraries["input"].rates, expected.libraries["input"].rates)


def test_the_preset_of_the_authors_uses_their_clusters() -> None:
    c = load("enriched_environment").configure("authors")
    assert c.authors_clusters
    assert (c.environments.standard, c.environments.end, c.environments.follow_up) == (5400, 9000, 3600)


@pytest.mark.slow
@pytest.mark.real_data
def test_three_phases_of_published_images(tmp_path: Path) -> None:
    if "SPIKINGSAMPLING_DATA" not in os.environ:
        pytest.skip("SPIKINGSAMPLING_DATA names no folder of the published data")
    run("three_phases", tmp_path / "run", "--data", "real")
