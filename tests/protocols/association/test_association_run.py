"""What a run of the association protocol leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from helpers.runs.association_runs import SMOKE, metrics
from helpers.small.networks import chance
from spikingsampling import open_recording
from spikingsampling.experiment.configuration import RunFile
from spikingsampling.protocols.association.association import PROTOCOL, Configuration

ACCURACIES = ("joint.visual_accuracy", "audio_to_visual.accuracy", "visual_to_audio.accuracy")


def test_the_metrics_are_there_and_sane(finished: Path) -> None:
    found = metrics(finished)
    for name in ACCURACIES:
        low, high = found[name]["interval"]
        assert 0 <= low <= found[name]["value"] <= high <= 1
        assert found[name]["bounds"] == [0, 1]
        assert found[name]["n"] == 50  # 10 s of 200 ms each
        assert 2 <= found[name]["n_stimuli"] <= 50
    for name in ("audio_to_visual", "visual_to_audio"):
        assert -1 <= found[f"{name}.reconstruction_correlation"] <= 1
        assert 0 <= found[f"{name}.reconstruction_accuracy"] <= 1
    # 784 + 616 inputs onto 8 neurons each, and 64 lateral pairs in either direction.
    assert found["n_synapses"] == 784 * 8 + 616 * 8 + 2 * 64
    # Under the prior N(0.5, 1) a synapse is active with probability 0.6915; 20 s move only the θ of active inputs.
    assert found["active_fraction"] == pytest.approx(0.6915, abs=0.03)
    assert found["simulated_seconds"] == 20 + 4 * 10 + 2 * 2
    assert found["learning_curve"]["seconds"] == [20]
    assert found["learning_curve"]["joint.visual_accuracy"] == [found["joint.visual_accuracy"]["value"]]
    assert 0 <= found["build_seconds"] < found["wall_seconds"] < 600
    assert 50 < found["peak_memory_mib"] < 4000
    assert all(value is not None for value in found.values())


def test_the_recording_holds_the_run(finished: Path) -> None:
    with open_recording(finished) as recording:
        assert recording.populations == {"visual": 8, "auditory": 8}
        phases = [(s.label, s.learning, round(s.stop - s.start)) for s in recording.segments]
        assert phases == [
            ("train", "sampling", 10),
            ("train", "sampling", 10),
            ("test training", "off", 10),
            ("test joint", "off", 10),
            ("settle auditory", "off", 2),
            ("test auditory", "off", 10),
            ("settle visual", "off", 2),
            ("test visual", "off", 10),
        ]
        for population in ("visual", "auditory"):
            times, _ = recording.spikes(population)
            # Two circuits at 100 Hz for 64 s; a step of 1 ms holds at most one spike of a circuit.
            probability = 1 - np.exp(-0.1)
            expected, error = 128_000 * probability, np.sqrt(128_000 * probability * (1 - probability))
            assert abs(times.size - expected) < chance(2) * error + 0.05 * expected
        pre, post = recording.synapses("auditory_to_visual")
        assert len(pre) == len(post) == 64
        theta = recording.theta("visual_input_to_visual", time=slice(None))
        assert theta.shape[1] == 784 * 8
        assert np.any(theta[0] != theta[-1])  # it learns …
    at_end = [recording_theta(finished, time) for time in (20.0, 64.0)]
    np.testing.assert_array_equal(*at_end)  # … and not while it is tested


def recording_theta(run: Path, time: float) -> np.ndarray:
    with open_recording(run) as recording:
        return recording.theta("visual_input_to_visual", time=time)


def test_all_figures_are_drawn(finished: Path) -> None:
    figures = {path.stem: imread(path)[..., :3] for path in (finished / "figures").glob("*.png")}
    assert set(figures) == {
        "front_ends",
        "rasters",
        "confusions",
        "learning_curve",
        "selectivity_curve",
        "receptive_fields_visual",
        "receptive_fields_auditory",
        "reconstructions_from_sound",
        "reconstructions_from_image",
        "theta",
        "lateral_auditory_to_visual",
        "lateral_visual_to_auditory",
    }
    for name, picture in figures.items():
        height, width, _ = picture.shape
        assert 300 < height < 2500, name
        assert 300 < width < 3500, name
        drawn = np.any(picture < 0.9, axis=-1)
        assert 0.01 < drawn.mean() < 0.95, name
        # Nothing reaches the edge of the page, where it would be cut.
        edges = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
        assert not edges.any(), name


def test_inspect_says_what_is_in_the_run(finished: Path, command: Any) -> None:
    code, out, _ = command("inspect", str(finished))
    assert code == 0
    for expected in ("complete", "visual_input_to_visual", "6272", "test auditory", 'front_end = "mel"'):
        assert expected in out


@pytest.mark.parametrize("preset", [*PROTOCOL.presets])
def test_the_configuration_file_gives_the_configuration_back(preset: str, tmp_path: Path) -> None:
    layer = {"stimulation": {"sound": "streamed"}, "network": {"circuit": {"prior": {"mean": 0.25}}}}
    for configuration in (PROTOCOL.configure(preset), PROTOCOL.configure(preset, layer)):
        path = tmp_path / "config.toml"
        RunFile("association", preset, configuration.to_mapping()).write(path, Configuration)
        assert RunFile.read(path).configure(Configuration) == configuration


def test_what_populations_tell_by_themselves_is_measured_with_lateral_synapses_cut(command: Any) -> None:
    settings = ("lateral_off=true", "training=10 s", "final_test.fit=20 s")
    code, _, err = command(
        *SMOKE, *(part for s in settings for part in ("--set", s)), "--no-figures", "--out", "run"
    )
    assert code == 0, err
    found = metrics(Path("run"))
    for population in ("visual", "auditory"):
        assert found[f"lateral_off.{population}_accuracy"]["n"] == 50
    assert found["simulated_seconds"] == (10 + 20 + 3 * 10 + 2 * 2) + (2 + 20 + 10)
    with open_recording("run") as recording:
        learnt = recording.theta("visual_input_to_visual", time=64.0)
    with open_recording("run/lateral_off") as recording:
        phases = [(s.label, s.learning, round(s.stop - s.start)) for s in recording.segments]
        names = ("visual_to_auditory", "auditory_to_visual", "auditory_input_to_auditory")
        cut_1, cut_2, heard = (recording.w(name, time=96.0) for name in names)
        np.testing.assert_array_equal(recording.theta("visual_input_to_visual", time=96.0), learnt)
    assert {phase[:2] for phase in phases} == {
        ("settle lateral off", "off"),
        ("test training", "off"),
        ("test joint", "off"),
    }
    assert sum(phase[2] for phase in phases) == 32
    assert not cut_1.any()
    assert not cut_2.any()
    assert heard.max() > 0.1


def test_the_run_keeps_its_configuration(finished: Path) -> None:
    settings = RunFile.read(finished / "config.toml")
    assert settings.configure(Configuration) == PROTOCOL.configure("smoke")
    assert 'training = "20 s"' in (finished / "config.toml").read_text()
