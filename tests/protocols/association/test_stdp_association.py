"""The association network with pair STDP beside synaptic sampling: its smoke preset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spikingsampling import open_recording
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.protocols.association.stdp_association import PROTOCOL


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    configuration = PROTOCOL.configure("smoke")
    directory = tmp_path_factory.mktemp("stdp") / "run"
    with create_directory(PROTOCOL, "smoke", configuration, directory):
        execute(PROTOCOL, configuration, directory)
    return directory


@pytest.fixture(scope="module")
def metrics(finished: Path) -> dict[str, Any]:
    return json.loads((finished / "metrics.json").read_text())


@pytest.mark.parametrize("rule", ["sampling", "stdp"])
def test_the_metrics_are_there_and_sane(metrics: dict[str, Any], rule: str) -> None:
    for name in ("audio_to_visual", "visual_to_audio"):
        found = metrics[f"{rule}.{name}.accuracy"]
        assert 0 <= found["interval"][0] <= found["value"] <= found["interval"][1] <= 1
    for measure in ("accuracy_before", "accuracy_after_lesion_1", "recovered_accuracy_2"):
        assert 0 <= metrics[f"{rule}.{measure}"]["value"] <= 1
    assert 0 < metrics[f"{rule}.removed_neurons"] < 8
    assert 0 < metrics[f"{rule}.active_fraction"] < 1
    # Before, at once and at two times after each lesion.
    assert len(metrics["recall"][rule]) == len(metrics["recall"]["seconds"]) == 7


def test_both_rules_see_the_same_stimuli(finished: Path) -> None:
    shown = {}
    for rule in ("sampling", "stdp"):
        with open_recording(finished / rule) as recording:
            segments = [(s.label, s.start) for s in recording.segments]
            shown[rule] = (segments, recording.presentations["item"].tolist())
            modes = {s.learning for s in recording.segments}
            assert modes == {"off", "sampling" if rule == "sampling" else "likelihood"}
    assert shown["sampling"] == shown["stdp"]


def test_stdp_keeps_weights_inside_its_bounds(finished: Path) -> None:
    w_max = PROTOCOL.configure("smoke").stdp.w_max
    with open_recording(finished / "stdp") as recording:
        for projection in recording.projections:
            w = recording.w(projection, recording.segments[-1].stop)
            assert w.min() >= 0
            assert w.max() <= w_max * (1 + 1e-6)  # recorded in single precision
            if "input" in projection:  # lateral synapses are lesioned in the end
                assert w.max() > 0.1


def test_figures(finished: Path) -> None:
    names = {path.stem for path in (finished / "figures").glob("*.png")}
    assert {"recall", "weights", "receptive_fields_sampling", "receptive_fields_stdp"} <= names


def test_a_wrong_rule_is_one_message() -> None:
    with pytest.raises(ParameterError, match=r"STDPRule\.bounds = 'medium'"):
        PROTOCOL.configure("smoke", {"stdp": {"bounds": "medium"}})
