"""Baselines of the association task: memories, measures, smoke preset, and rows of finished runs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spikingsampling.errors import DataError, ParameterError
from spikingsampling.experiment.configuration import parse_assignment
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.models.association.task import Stimulation
from spikingsampling.models.rbm.machine import RBM
from spikingsampling.protocols.association import association_baselines as protocol
from spikingsampling.protocols.studies.association.memories import (
    HopfieldMemory,
    Presentations,
    RBMMemory,
    Recalled,
    measure,
    recall_all,
)

SEED = np.random.SeedSequence(0)


def toy(n: int, seed: int, noise: float = 0.05) -> Presentations:
    """Two classes whose images (30) and sounds (20) are noisy copies of one prototype each."""
    prototypes = (np.random.default_rng(9).random((2, 50)) < 0.3).astype(np.int8)
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=n)
    joint = prototypes[labels] ^ (rng.random((n, 50)) < noise)
    return Presentations(
        {"visual": joint[:, :30], "auditory": joint[:, 30:]},
        {name: np.arange(n) for name in ("visual", "auditory")},
        labels,
    )


def memories() -> dict:
    machine = RBM(6, mode="likelihood", k=1, eta=1e-3, random_state=0).initialise(50)
    return {
        "hebb": HopfieldMemory("hebb", 200, SEED),
        "projection": HopfieldMemory("projection", 10, SEED),
        "rbm": RBMMemory(machine, 20, 20, SEED),
    }


@pytest.mark.parametrize("name", sorted(memories()))
def test_memories_recall_the_missing_modality(name: str):
    memory, training, testing = memories()[name], toy(1500, 0), toy(60, 1)
    memory.learn(training.joint)
    metrics = measure(training, recall_all(memory, testing))
    for direction in ("audio_to_visual", "visual_to_audio"):
        # 1 of 60 wrong at most: a held-out cue of 20 with 5 % noise tells the prototypes apart.
        assert metrics[f"{direction}.accuracy"] >= 59 / 60
        assert metrics[f"{direction}.reconstruction_accuracy"] >= 59 / 60
        assert (
            metrics[f"{direction}.reconstruction_correlation"]
            > metrics[f"{direction}.reconstruction_correlation_wrong"]
        )


@pytest.mark.parametrize("name", sorted(memories()))
def test_what_is_shown_stays_and_what_is_hidden_is_not_used(name: str):
    training, testing = toy(200, 0), toy(20, 1)
    shown = np.arange(50) >= 30
    changed = testing.joint.copy()
    changed[:, ~shown] = 1 - changed[:, ~shown]
    answers = []
    for patterns in (testing.joint, changed):
        memory = memories()[name]
        memory.learn(training.joint)
        answers.append(memory.recall(patterns, shown))
    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_array_equal(answers[0][:, shown], testing.joint[:, shown])


def test_measures_of_known_answers():
    """Perfect recall scores 1, the other class's 0, and nothing at all no better than the more frequent label."""
    training, testing = toy(200, 0, 0.0), toy(50, 1, 0.0)

    def scores(visual: np.ndarray) -> dict[str, float]:
        there = Recalled(testing, {**testing.patterns, "visual": visual})
        return measure(training, dict.fromkeys(("joint", "visual", "auditory"), there))

    right = scores(testing.patterns["visual"])
    assert {name: value for name, value in right.items() if "accuracy" in name and value != 1} == {}
    other = training.patterns["visual"][
        [int(np.argmax(training.labels != label)) for label in testing.labels]
    ]
    wrong = scores(other)
    assert wrong["audio_to_visual.accuracy"] == wrong["audio_to_visual.reconstruction_accuracy"] == 0
    assert wrong["visual_to_audio.accuracy"] == 1


def test_binary_stimuli_are_those_of_the_association_task():
    configuration = protocol.PROTOCOL.configure("smoke", {})
    task = protocol.make_task(configuration)
    drawn = task.draw(30, "test", np.random.default_rng(3))
    items, labels = task.task.draw(30, "test", np.random.default_rng(3))
    np.testing.assert_array_equal(drawn.labels, labels)
    library = task.task.stimuli.libraries["visual_input"]
    np.testing.assert_array_equal(drawn.items["visual"], items["visual_input"])
    rates = library.rates[items["visual_input"], 0]
    half = library.silent_rate + 0.5 * (library.rates.max() - library.silent_rate)
    np.testing.assert_array_equal(drawn.patterns["visual"], rates > half)
    assert (drawn.items["visual"] >= task.task.n_train["visual_input"]).all()
    streamed = configuration.replace(stimulation=Stimulation(sound="streamed", max_images=20))
    with pytest.raises(ParameterError, match=r"stimulation.sound: must be static, streams 8 frames"):
        protocol.make_task(streamed)


def test_smoke_preset_prints_its_table_with_rows_of_spiking_runs(tmp_path, capsys):
    directories = []
    for number in range(2):
        directories.append(tmp_path / f"seed-{number}")
        directories[-1].mkdir()
        numbers = {name: 0.5 + 0.01 * i + 0.2 * number for i, name in enumerate(protocol.COLUMNS)}
        (directories[-1] / "metrics.json").write_text(json.dumps(numbers))
    key, value = parse_assignment(f'association_runs=["{directories[0]}", "{directories[1]}"]')
    configuration = protocol.PROTOCOL.configure("smoke", {key: value})
    folder = create_directory(protocol.PROTOCOL, "smoke", configuration, tmp_path / "run")
    execute(protocol.PROTOCOL, configuration, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    for name in ("hopfield_hebb", "hopfield_projection", "rbm"):
        found = metrics[f"{name}.audio_to_visual.accuracy"]
        assert found["n"] == 2
        assert 0 <= found["value"] <= 1
    assert metrics["spiking.seed-0.joint.visual_accuracy"] == 0.52
    table = (folder / "table.txt").read_text()
    assert capsys.readouterr().out == f"held-out items, 2 repetitions, chance 0.50\n{table}"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert rows[0] == ["memory", *protocol.COLUMNS.values()]
    assert {len(row) for row in rows} == {1 + len(protocol.COLUMNS)}
    assert [row[0] for row in rows[2:]] == [
        *("hopfield_hebb", "hopfield_projection", "rbm"),
        *("spiking, seed-0", "spiking, seed-1", "spiking, 2 runs"),
    ]
    assert rows[5][1:] == ["0.500", "0.510", "0.520", "0.530", "0.540"]
    # Two values 0.2 apart: standard error 0.1, t with one degree of freedom 12.706; a fraction stays in 0 … 1.
    assert rows[7][1] == "0.600 (0.000 … 1.000)"
    assert (folder / "figures" / "seen_when_hearing.png").stat().st_size > 2000


def test_a_run_that_is_none_gives_one_message(tmp_path):
    with pytest.raises(DataError, match=r"association_runs: .*metrics.json is no result of a finished run"):
        protocol.published([str(tmp_path)])
