"""A course of recall over two lesions, made by hand: all numbers differ, and none is symmetric."""

from __future__ import annotations

import numpy as np

from spikingsampling.analysis import Estimate, Reconstruction, Selectivity, estimate_proportion, selectivity
from spikingsampling.models.association import ModalityReconstruction
from spikingsampling.protocols.studies.lesion.recall import RecallCourse, RecallMeasurement

AUDITORY_TO_VISUAL, VISUAL_TO_AUDITORY, INPUT = (
    "auditory_to_visual",
    "visual_to_auditory",
    "visual_input_to_visual",
)
#: Learning seconds since the lesion, accuracy, and how often the reconstruction is closest to its digit.
TESTS = (
    (0, 0.0, 0.9, 0.8),
    (1, 0.0, 0.5, 0.4),
    (1, 60.0, 0.7, 0.45),
    (1, 180.0, 0.84, 0.6),
    (2, 0.0, 0.3, 0.2),
    (2, 100.0, 0.6, 0.35),
    (2, 300.0, 0.78, 0.5),
)
#: Active synapses at each test: 5 auditory → visual, 4 visual → auditory, 6 of the input.
ACTIVE = (
    ("11000", "1001", "111000"),
    ("10000", "1000", "110000"),
    ("10010", "1000", "110100"),
    ("00110", "1100", "011110"),
    ("00000", "0000", "010010"),
    ("01000", "0010", "110011"),
    ("01001", "0011", "101011"),
)


def accuracy(value: float) -> Estimate:
    """As a readout gives it, of 50 presentations of 7 stimuli."""
    return estimate_proportion(value, 50, 7)


def reconstruction(closest: float, n: int = 20) -> ModalityReconstruction:
    """Presentations of which a fraction is closest to the right digit; digit 1 twice as often as digit 2.

    Patterns (n, 784) are 1 + the closest fraction for digit 1, and 3 for digit 2.
    """
    right = np.where(np.arange(n) < round(closest * n), 0.9, 0.1)
    labels = np.where(np.arange(n) % 3 == 2, 2, 1)
    patterns = np.repeat(np.where(labels == 1, 1 + closest, 3.0)[:, None], 784, axis=1)
    return ModalityReconstruction(patterns, labels, np.arange(n), Reconstruction(right, np.full(n, 0.5)))


def tuning() -> Selectivity:
    """Four neurons that prefer digits 2, 1, 2 and none."""
    return selectivity(np.array([[1, 5, 0, 2], [7, 2, 4, 2]]), [1, 2])


def measurement(place: int, shift: float = 0.0) -> RecallMeasurement:
    """One of the tests; ``shift`` is added to the accuracy."""
    lesion, learnt, right, closest = TESTS[place]
    w = {
        name: np.array([0.25 * int(bit) for bit in bits], dtype=np.float32)
        for name, bits in zip((AUDITORY_TO_VISUAL, VISUAL_TO_AUDITORY, INPUT), ACTIVE[place], strict=True)
    }
    theta = {name: np.where(values > 0, 0.5, -0.5).astype(np.float32) for name, values in w.items()}
    return RecallMeasurement(
        lesion,
        learnt,
        1000.0 + 100 * place,
        None if lesion == 0 else 1000.0 + lesion,
        accuracy(right + shift),
        reconstruction(closest),
        tuning(),
        theta,
        w,
    )


def course(shift: float = 0.0) -> RecallCourse:
    """The whole course; ``shift`` is added to all accuracies."""
    return RecallCourse(tuple(measurement(place, shift) for place in range(len(TESTS))))
