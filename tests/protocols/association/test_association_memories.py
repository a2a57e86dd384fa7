"""Memories beside the spiking association network: what they recall, and how that is measured."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models.association import Stimulation
from spikingsampling.models.rbm.machine import RBM
from spikingsampling.protocols.association.association_baselines import PROTOCOL
from spikingsampling.protocols.studies.association.baselines import make_binary_task
from spikingsampling.protocols.studies.association.memories import (
    BinaryTask,
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
        answer = Recalled(testing, {**testing.patterns, "visual": visual})
        return measure(training, dict.fromkeys(("joint", "visual", "auditory"), answer))

    right = scores(testing.patterns["visual"])
    assert {name: value for name, value in right.items() if "accuracy" in name and value != 1} == {}
    other = training.patterns["visual"][
        [int(np.argmax(training.labels != label)) for label in testing.labels]
    ]
    wrong = scores(other)
    assert wrong["audio_to_visual.accuracy"] == wrong["audio_to_visual.reconstruction_accuracy"] == 0
    assert wrong["visual_to_audio.accuracy"] == 1


def test_binary_stimuli_are_those_of_the_association_task():
    configuration = PROTOCOL.configure("smoke", {})
    task = make_binary_task(configuration)
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
        make_binary_task(streamed)


def test_each_measure_is_of_its_own_test():
    """Recall of the image is right from a sound, wrong from an image, half right from both."""
    training, testing = toy(200, 0, 0.0), toy(40, 1, 0.0)
    other = {
        name: training.patterns[name][[int(np.argmax(training.labels != label)) for label in testing.labels]]
        for name in ("visual", "auditory")
    }
    first = np.arange(40) < 10
    mixed = {
        name: np.where(first[:, None], other[name], testing.patterns[name]) for name in ("visual", "auditory")
    }
    recalled = {
        "auditory": Recalled(testing, {"visual": testing.patterns["visual"], "auditory": other["auditory"]}),
        "visual": Recalled(testing, {"visual": other["visual"], "auditory": mixed["auditory"]}),
        "joint": Recalled(testing, {"visual": mixed["visual"], "auditory": other["auditory"]}),
    }
    found = measure(training, recalled)
    accuracies = {name: value for name, value in found.items() if "accuracy" in name}
    assert accuracies == {
        "audio_to_visual.accuracy": 1.0,
        "audio_to_visual.reconstruction_accuracy": 1.0,
        "visual_to_audio.accuracy": 0.75,
        "visual_to_audio.reconstruction_accuracy": 0.75,
        "joint.visual_accuracy": 0.75,
        "joint.auditory_accuracy": 0.0,
    }
    # Patterns without noise are their own class means.
    assert found["audio_to_visual.reconstruction_correlation"] == pytest.approx(1)
    means = [training.patterns["visual"][training.labels == label][0].astype(float) for label in (0, 1)]
    between = np.corrcoef(*means)[0, 1]
    assert found["audio_to_visual.reconstruction_correlation_wrong"] == pytest.approx(between)
    sounds = [training.patterns["auditory"][training.labels == label][0].astype(float) for label in (0, 1)]
    expected = 0.75 + 0.25 * np.corrcoef(*sounds)[0, 1]
    assert found["visual_to_audio.reconstruction_correlation"] == pytest.approx(expected)


def test_all_tests_show_what_they_say():
    class Echo:
        """Returns which inputs are shown, times the pattern plus 2."""

        def learn(self, patterns):
            pass

        def recall(self, patterns, shown):
            return (patterns + 2) * shown

    testing = toy(5, 1)
    recalled = recall_all(Echo(), testing)
    assert list(recalled) == ["joint", "visual", "auditory"]
    for test, modalities in (
        ("joint", {"visual", "auditory"}),
        ("visual", {"visual"}),
        ("auditory", {"auditory"}),
    ):
        for name in ("visual", "auditory"):
            expected = (testing.patterns[name] + 2) * (name in modalities)
            np.testing.assert_array_equal(recalled[test].patterns[name], expected)


def test_an_input_is_on_above_a_level_of_the_range_of_rates():
    rates = np.array([[[2.0, 5.0, 6.0, 10.0]], [[2.0, 5.01, 2.0, 2.0]]])

    class Task:
        class stimuli:
            frames_per_presentation = 1

    library = type("Library", (), {"rates": rates, "silent_rate": 2.0})
    Task.stimuli.libraries = {"visual_input": library}
    # 0.375 of the range from 2 to 10 Hz is 5 Hz, which is not above itself.
    bits = BinaryTask(Task, {"visual": 0.375, "auditory": 0.9}).binary_items("visual")
    assert bits.tolist() == [[0, 0, 1, 1], [0, 1, 0, 0]]
    assert bits.dtype == np.int8


def test_the_machine_averages_after_its_burn_in():
    """Its mean is 0.1, 0.2, … step by step: of five steps the last three are averaged."""

    class Machine:
        def __init__(self):
            self.step, self.states = 0, []

        def transform(self, state):
            self.states.append(state.copy())
            return np.ones((len(state), 2))

        def visible_mean(self, hidden):
            self.step += 1
            return np.full((len(hidden), 3), self.step / 10)

    machine = Machine()
    memory = RBMMemory(machine, 2, 3, SEED)
    patterns, shown = np.array([[1, 0, 1]], dtype=np.int8), np.array([True, False, False])
    np.testing.assert_allclose(memory.recall(patterns, shown), [[1, 0.4, 0.4]])
    assert machine.states[0].tolist() == [[1, 0, 0]]
    assert all(state[0, 0] == 1 for state in machine.states)


def test_a_memory_stores_its_first_patterns():
    memory = HopfieldMemory("hebb", 3, SEED)
    patterns = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=np.int8)
    memory.learn(patterns)
    np.testing.assert_allclose(memory.activity, [2 / 3, 2 / 3, 0, 2 / 3])


def test_the_silent_modality_starts_from_what_the_shown_one_says():
    """One step over the shown inputs, with thresholds lowered to the part of the variance that they have."""
    memory = HopfieldMemory("hebb", 100, SEED)
    memory.activity = np.array([0.5, 0.5, 0.25, 0.4])
    starts = []

    class Network:
        weights_ = np.array([[0, 0, 0.3, 0.05], [0, 0, 0.1, 0.01], [0.3, 0.1, 0, 0], [0.05, 0.01, 0, 0]])
        thresholds_ = np.array([-0.5, 0.1, 0.1, 0.1])

        def recall(self, start, external, random_state):
            starts.append((start, external))
            return start

    memory.network = Network()
    patterns, shown = np.array([[1, 0, 1, 1]], dtype=np.int8), np.array([True, True, False, False])
    memory.recall(patterns, shown)
    ((start, external),) = starts
    # Variances 0.25, 0.25, 0.1875, 0.24: the shown part is 0.5/0.9275. Fields: 0.15 − 0.05 = 0.1 for the third, below
    # its threshold 0.25 · 0.539 = 0.135; 0.025 − 0.005 = 0.02 for the fourth, below 0.1 · 0.539.
    assert start.tolist() == [[1, 0, 0, 0]]
    # Twice the strongest field, 0.4, with the largest threshold, 0.5.
    np.testing.assert_allclose(external, [[1.8, -1.8, 0, 0]], atol=1e-12)
    memory.activity = np.array([0.5, 0.5, 0.4, 0.48])
    memory.recall(patterns, shown)
    # Variances 0.25, 0.25, 0.24, 0.2496: thresholds 0.1 · 0.505 = 0.0505 and 0.02 · 0.505 = 0.0101.
    assert starts[1][0].tolist() == [[1, 0, 1, 1]]
