"""Patterns for Hopfield networks: their statistics, text and images, and their errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from spikingsampling.errors import ParameterError
from spikingsampling.models.hopfield import patterns as build
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.protocols.studies.hopfield.experiments import completed_letters


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("activity", [0.5, 0.1])
def test_random_patterns_have_their_activity(activity: float):
    on = build.random_patterns(100, 1000, rng(), activity) == 1
    assert abs(on.mean() - activity) < norm.isf(5e-5) * np.sqrt(activity * (1 - activity) / 1e5)


@pytest.mark.parametrize("correlation", [0.0, 0.25, 1.0])
def test_correlated_patterns_have_their_correlation(correlation: float):
    """Means over N of products of pairs; given the template they vary by 1 − c² per neuron at most."""
    n = 20_000
    patterns = build.correlated_patterns(6, n, correlation, rng(1)).astype(float)
    overlaps = (patterns @ patterns.T / n)[np.triu_indices(6, 1)]
    limit = norm.isf(5e-5 / 15) * np.sqrt((1 - correlation**2) / n) + 1e-12
    assert (np.abs(overlaps - correlation) <= limit).all()
    assert abs(patterns.mean()) < norm.isf(5e-5) / np.sqrt(n)  # one template decides at c = 1


def test_sharing_patterns_share_the_neurons_they_should():
    patterns = build.sharing_patterns(5, 100, 40, 15, rng(2)) == 1
    assert (patterns.sum(axis=1) == 40).all()
    common = patterns.all(axis=0)
    assert common.sum() >= 15
    # A neuron that is not shared is on in all five with probability (25/85)^5: 0.2 expected among 85.
    assert common.sum() <= 18
    np.testing.assert_array_equal(
        build.sharing_patterns(3, 10, 4, 4, rng())[0], build.sharing_patterns(3, 10, 4, 4, rng())[2]
    )


def test_corruption_flips_the_exact_number():
    patterns = build.random_patterns(5, 200, rng())
    assert ((build.corrupt(patterns, 0.15, rng()) != patterns).sum(axis=1) == 30).all()


def test_digits_are_images_with_two_values():
    from spikingsampling.data import load_images

    patterns = build.digit_patterns("embedded", [3, 1], 2)
    first = load_images("embedded", "train", [3]).images[:2].reshape(2, -1)
    np.testing.assert_array_equal(patterns[:2], np.where(first > 0.5, 1, -1))
    assert patterns.shape == (4, 784)


def test_text_is_read_back():
    lines = [*build.LECTURE_LINES, "œuf, ça va: être-là."]
    assert build.decode_text(build.encode_text(lines, 40)) == lines
    blocks = build.encode_text(["abc"], 3).reshape(3, -1).astype(int)
    np.testing.assert_array_equal(blocks @ blocks.T, 64 * np.eye(3))


def test_the_lecture_strikes_out_letters_of_its_sentence():
    """But for the misspelt "exa*ple", only struck-out letters differ."""
    wrong = []
    for line, struck in zip(build.LECTURE_LINES, build.LECTURE_STRUCK, strict=True):
        wrong += [(a, b) for a, b in zip(line, struck, strict=True) if b not in (a, build.STRUCK)]
    assert wrong == [("e", "a")]


def test_strike_out_takes_the_fraction_of_letters_and_no_blank():
    struck = build.strike_out(build.LECTURE_LINES, 0.3, rng(3))
    letters = sum(letter != " " for line in build.LECTURE_LINES for letter in line)
    assert "".join(struck).count(build.STRUCK) == round(0.3 * letters)
    assert [len(line) for line in struck] == [len(line) for line in build.LECTURE_LINES]
    assert "".join(struck).count(" ") == "".join(build.LECTURE_LINES).count(" ")


@pytest.mark.parametrize("rule", ["hebb", "projection"])
def test_the_network_completes_the_sentence_of_the_lecture(rule: str):
    """Five lines in 64 · 31 neurons, α = 0.0025: about a fifth of the letters is missing, all come back."""
    right, read = completed_letters(
        rule, build.LECTURE_LINES, build.LECTURE_STRUCK, np.random.SeedSequence(0)
    )
    assert right == 1.0
    assert read == list(build.LECTURE_LINES)


def test_what_was_not_stored_is_not_completed():
    """Letters are restored by the memory: with other lines stored they come back by chance only."""
    stored = build.encode_text([line[::-1] for line in build.LECTURE_LINES], 31)
    cue = build.encode_text(build.LECTURE_STRUCK, 31, rng(1))
    read = build.decode_text(Hopfield(stored.shape[1]).store(stored).recall(cue, random_state=0))
    assert read != list(build.LECTURE_LINES)


@pytest.mark.parametrize(
    ("message", "work"),
    [
        (r"activity = 1: must lie between 0 and 1", lambda: build.random_patterns(2, 3, rng(), 1)),
        (r"correlation = 2: must be from 0 to 1", lambda: build.correlated_patterns(2, 3, 2, rng())),
        (r"shared = 5, active = 4, n_neurons = 9", lambda: build.sharing_patterns(2, 9, 4, 5, rng())),
        (r"per_digit = 9999: .* has \d+ of digit 1", lambda: build.digit_patterns("embedded", [1], 9999)),
        (r"lines\[0\] has 3 letters: must have at most 2", lambda: build.encode_text(["abc"], 2)),
        (r"lines\[0\] holds '7': must be one of", lambda: build.encode_text(["a7"], 2)),
        (r"lines\[0\] has a letter struck out: give rng", lambda: build.encode_text(["a*"], 2)),
        (r"fraction = 1.5: must be from 0 to 1", lambda: build.strike_out(["a"], 1.5, rng())),
        (r"flipped = -1: must be from 0 to 1", lambda: build.corrupt(np.ones((1, 3)), -1, rng())),
    ],
)
def test_bad_input_gives_one_message(message: str, work):
    with pytest.raises(ParameterError, match=message):
        work()
