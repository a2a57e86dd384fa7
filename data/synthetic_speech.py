"""Synthetic speech: the ten digit words spoken by eleven synthetic voices, made on demand."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spikingsampling.data.synthesis import SAMPLE_RATE, Speaker, synthesise
from spikingsampling.data.types import SpeechSet, check_digits, check_speakers, check_split
from spikingsampling.errors import DataError

__all__ = ["HELD_OUT_SPEAKERS", "NAME", "N_TAKES", "SPEAKERS", "TEST_TAKES", "TRAINING_SPEAKERS", "load"]

NAME = "synthetic speech (formant synthesiser)"
#: The voices: pitch (Hz), tract length (cm), rate, breathiness.
SPEAKERS: dict[str, Speaker] = {
    "synth01": Speaker(105, 17.8, 1.00, 0.02),
    "synth02": Speaker(125, 17.2, 1.12, 0.05),
    "synth03": Speaker(92, 18.3, 0.90, 0.03),
    "synth04": Speaker(140, 16.6, 1.05, 0.10),
    "synth05": Speaker(190, 15.3, 1.00, 0.06),
    "synth06": Speaker(215, 14.8, 0.92, 0.15),
    "synth07": Speaker(175, 15.8, 1.18, 0.04),
    "synth08": Speaker(235, 14.5, 1.08, 0.08),
    "synth09": Speaker(115, 17.5, 1.06, 0.07),
    "synth10": Speaker(205, 15.0, 1.10, 0.03),
    "synth11": Speaker(155, 16.2, 0.94, 0.12),
}
#: These voices are never used for training.
HELD_OUT_SPEAKERS = ("synth09", "synth10", "synth11")
TRAINING_SPEAKERS = tuple(name for name in SPEAKERS if name not in HELD_OUT_SPEAKERS)
#: Utterances of each word per voice; the first ones of every voice are for testing only.
N_TAKES = 12
TEST_TAKES = 3
#: Part of every seed, so that other uses of small seeds do not meet the same random stream.
_SEED = 0x5EECB


@functools.cache
def _utterance(digit: int, speaker: str, take: int) -> NDArray[np.float32]:
    seed = np.random.SeedSequence([_SEED, digit, list(SPEAKERS).index(speaker), take])
    return synthesise(digit, SPEAKERS[speaker], np.random.default_rng(seed))


def _takes(speaker: str, split: str) -> range:
    if speaker in HELD_OUT_SPEAKERS:
        return range(N_TAKES) if split == "test" else range(0)
    return range(TEST_TAKES) if split == "test" else range(TEST_TAKES, N_TAKES)


def load(split: str, digits: Sequence[int], speakers: Sequence[str] | None = None) -> SpeechSet:
    """Synthetic speech of some digits.

    Training: utterances 3 to 11 of eight voices. Testing: utterances 0 to 2 of these and all twelve of three
    voices that are never used for training. Every utterance has its own seed, so it is the same whatever else
    is asked for. Utterances are kept in memory once made.

    Parameters
    ----------
    split : {"train", "test"}
    digits : sequence of int
    speakers : sequence of str, optional
        Default: all that have utterances in this split.

    Raises
    ------
    UnknownNameError
        No such split or speaker.
    DataError
        A speaker has no utterance in this split.
    """
    check_split(split)
    digit_values = check_digits(digits)
    names = check_speakers(speakers, tuple(SPEAKERS))
    if speakers is None:
        names = tuple(name for name in names if _takes(name, split))
    for name in names:
        if not _takes(name, split):
            raise DataError(f"speaker {name!r} is held out: it has utterances in the test split only")
    keys = [(digit, name, take) for digit in digit_values for name in names for take in _takes(name, split)]
    labels, voices, takes = zip(*keys, strict=True)
    waveforms = tuple(_utterance(*key) for key in keys)
    return SpeechSet(waveforms, SAMPLE_RATE, np.array(labels), np.array(voices), np.array(takes), NAME)
