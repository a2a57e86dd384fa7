"""The random numbers of the templates ``vector``, in NumPy: what a program is checked with. See ``random.h``."""

from __future__ import annotations

import numpy as np

from ..base import Array

__all__ = ["Stream"]

_MASK = 2**64 - 1


def _split_mix(state: int) -> tuple[int, int]:
    """SplitMix64: its next state, and what it puts out."""
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return state, z ^ (z >> 31)


class Stream:
    """Uniform numbers of one purpose, from xoshiro256+ in 4 lanes."""

    def __init__(self, seed: int, purpose: str) -> None:
        mixed = _split_mix(seed)[1]
        for letter in purpose.encode():
            mixed = _split_mix(mixed ^ letter)[1]
        words = np.zeros(16, dtype=np.uint64)
        for k in range(16):
            mixed, words[k] = _split_mix(mixed)
        self._state = words.reshape(4, 4)
        self._left = np.zeros(0)

    def random_sample(self, n: int) -> Array:
        """The next ``n`` numbers in [0, 1), shape (n,)."""
        found = np.empty((max(0, n - len(self._left)) + 3) // 4 * 4)
        a, b, c, d = self._state
        for start in range(0, len(found), 4):
            found[start : start + 4] = (a + d) >> 12
            shifted = b << 17
            c, d = c ^ a, d ^ b
            b, a = b ^ c, a ^ d
            c = c ^ shifted
            d = (d << 45) | (d >> 19)
        self._state = np.array([a, b, c, d])
        numbers = np.concatenate([self._left, found / 2**52])
        self._left = numbers[n:]
        return numbers[:n]
