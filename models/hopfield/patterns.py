"""Patterns for Hopfield networks: random, correlated, sharing neurons, images of digits, and text.

All are (K, N) arrays of ±1 (int8).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import hadamard

from spikingsampling._checks import real_array
from spikingsampling.data import load_images
from spikingsampling.errors import ParameterError

__all__ = [
    "LECTURE_LINES",
    "LECTURE_STRUCK",
    "STRUCK",
    "correlated_patterns",
    "corrupt",
    "decode_text",
    "digit_patterns",
    "encode_text",
    "random_patterns",
    "sharing_patterns",
    "strike_out",
]

Bits = NDArray[np.int8]

#: The first sentence that lecture 1 ("Réseaux et apprentissage", J. Ranft, 2021) asks its audience to read, and the
#: same as it stands there, line by line, with the letters that it strikes out (and its "exa*ple" for "exemple").
LECTURE_LINES = (
    "ceci est juste un petit exemple",
    "d'un texte que vous pouvez",
    "sûrement lire malgré la",
    "suppression d'un bon nombre de",
    "lettres.",
)
LECTURE_STRUCK = (
    "c*ci est j*ste un p*tit exa*ple",
    "d'*n te*te q*e vous pou*ez",
    "s*rem*nt *ire mal*ré l*",
    "s*ppr*ss*on d'u* bon n*mb*e de",
    "lett*es.",
)
#: Stands for a letter that is struck out.
STRUCK = "*"
_ALPHABET = " abcdefghijklmnopqrstuvwxyzàâçèéêëîïôùûœ'.,:-"
#: Neurons of a letter; rows of a Hadamard matrix are orthogonal, and its first row, all 1, is no letter.
_BLOCK = 64
_CODE = hadamard(_BLOCK, dtype=np.int8)[1 : len(_ALPHABET) + 1]


def random_patterns(count: int, n_neurons: int, rng: np.random.Generator, activity: float = 0.5) -> Bits:
    """Independent neurons, each on with probability ``activity``."""
    if not 0 < activity < 1:
        raise ParameterError(f"activity = {activity!r}: must lie between 0 and 1")
    return _signs(rng.random((count, n_neurons), dtype=np.float32) < activity)


def correlated_patterns(count: int, n_neurons: int, correlation: float, rng: np.random.Generator) -> Bits:
    """Patterns of which any two have ⟨ξ_i^μ ξ_i^ν⟩ = ``correlation``.

    Each agrees with one random template in a neuron with probability (1 + √c)/2.
    """
    if not 0 <= correlation <= 1:
        raise ParameterError(f"correlation = {correlation!r}: must be from 0 to 1")
    template = random_patterns(1, n_neurons, rng)
    agree = rng.random((count, n_neurons)) < (1 + np.sqrt(correlation)) / 2
    return template * _signs(agree)


def sharing_patterns(count: int, n_neurons: int, active: int, shared: int, rng: np.random.Generator) -> Bits:
    """Patterns with ``active`` neurons on, of which the same ``shared`` ones are on in all (lecture 4, problem 2)."""
    if not 0 <= shared <= active <= n_neurons:
        raise ParameterError(
            f"shared = {shared}, active = {active}, n_neurons = {n_neurons}: must not decrease, from 0 on"
        )
    neurons = rng.permutation(n_neurons)
    common, others = neurons[:shared], neurons[shared:]
    on = np.zeros((count, n_neurons), dtype=bool)
    on[:, common] = True
    for row in on:
        row[rng.choice(others, active - shared, replace=False)] = True
    return _signs(on)


def digit_patterns(
    kind: str, digits: Sequence[int], per_digit: int, split: str = "train", level: float = 0.5
) -> Bits:
    """The first ``per_digit`` images of each digit, pixels above the grey ``level`` on, (K, 784).

    Raises
    ------
    ParameterError
        A digit has fewer images.
    UnknownNameError, DataError
        From :func:`~spikingsampling.data.load_images`.
    """
    data = load_images(kind, split, digits)
    indices = []
    for digit in digits:
        images = np.flatnonzero(data.labels == digit)[:per_digit]
        if len(images) < per_digit:
            raise ParameterError(f"per_digit = {per_digit}: {data.name} has {len(images)} of digit {digit}")
        indices.append(images)
    return _signs(data.images[np.concatenate(indices)].reshape(-1, data.images[0].size) > level)


def encode_text(lines: Sequence[str], width: int, rng: np.random.Generator | None = None) -> Bits:
    """Lines as patterns (len(lines), 64 · width): 64 neurons per letter; blanks fill a line up.

    A struck-out letter is a random block, which needs ``rng``.

    Raises
    ------
    ParameterError
        A line is too long or has an unknown letter; a letter is struck out and there is no ``rng``.
    """
    result = np.empty((len(lines), width, _BLOCK), dtype=np.int8)
    for number, line in enumerate(lines):
        if len(line) > width:
            raise ParameterError(f"lines[{number}] has {len(line)} letters: must have at most {width}")
        for place, letter in enumerate(line.ljust(width)):
            if letter == STRUCK:
                if rng is None:
                    raise ParameterError(f"lines[{number}] has a letter struck out: give rng")
                result[number, place] = random_patterns(1, _BLOCK, rng)[0]
            elif letter in _ALPHABET:
                result[number, place] = _CODE[_ALPHABET.index(letter)]
            else:
                raise ParameterError(f"lines[{number}] holds {letter!r}: must be one of {_ALPHABET!r}")
    return result.reshape(len(lines), -1)


def decode_text(states: ArrayLike) -> list[str]:
    """The lines whose letters are nearest to the blocks of states (n, 64 · width), blanks at the end removed."""
    blocks = np.asarray(states, dtype=np.int32).reshape(len(np.asarray(states)), -1, _BLOCK)
    letters = (blocks @ _CODE.T.astype(np.int32)).argmax(axis=2)
    return ["".join(_ALPHABET[i] for i in line).rstrip() for line in letters]


def strike_out(lines: Sequence[str], fraction: float, rng: np.random.Generator) -> list[str]:
    """The same lines with ``fraction`` of their letters (not blanks) struck out at random."""
    if not 0 <= fraction <= 1:
        raise ParameterError(f"fraction = {fraction!r}: must be from 0 to 1")
    places = [(i, j) for i, line in enumerate(lines) for j, letter in enumerate(line) if letter != " "]
    letters = [list(line) for line in lines]
    for index in rng.permutation(len(places))[: round(fraction * len(places))]:
        i, j = places[index]
        letters[i][j] = STRUCK
    return ["".join(line) for line in letters]


def corrupt(patterns: ArrayLike, flipped: float, rng: np.random.Generator) -> Bits:
    """Patterns (K, N) of ±1 with the same number of neurons, ``flipped`` · N, inverted in each."""
    if not 0 <= flipped <= 1:
        raise ParameterError(f"flipped = {flipped!r}: must be from 0 to 1")
    given = real_array("patterns", patterns, ("K", "N"))
    if not np.isin(given, (-1, 1)).all():
        raise ParameterError(
            f"patterns holds {given[~np.isin(given, (-1, 1))][0]}: every value must be −1 or 1"
        )
    result = given.astype(np.int8)
    n = result.shape[1]
    for row in result:
        row[rng.choice(n, round(flipped * n), replace=False)] *= -1
    return result


def _signs(on: NDArray[np.bool_]) -> Bits:
    return np.where(on, np.int8(1), np.int8(-1))
