"""The front ends by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import UnknownNameError
from .gammatone import gammatone_cochleagram, gammatone_frequencies
from .mel import mel_cochleagram, mel_frequencies
from .parameters import CochleagramParameters

__all__ = ["FRONT_ENDS", "FrontEnd", "centre_frequencies", "cochleagram"]

FrontEnd = Literal["mel", "gammatone"]

#: The front ends by name.
FRONT_ENDS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "mel": mel_cochleagram,
    "gammatone": gammatone_cochleagram,
}


def cochleagram(
    front_end: FrontEnd,
    waveform: ArrayLike,
    sample_rate: float,
    parameters: CochleagramParameters | None = None,
    **changes: Any,
) -> NDArray[np.float64]:
    """The activity that the front end of this name gives; see :func:`mel_cochleagram`.

    Raises
    ------
    UnknownNameError
        No such front end.
    """
    _check(front_end)
    return FRONT_ENDS[front_end](waveform, sample_rate, parameters, **changes)


def centre_frequencies(front_end: FrontEnd, parameters: CochleagramParameters) -> NDArray[np.float64]:
    """Centre frequencies of the channels of a front end (Hz), increasing, shape (n_channels,).

    Raises
    ------
    UnknownNameError
        No such front end.
    """
    _check(front_end)
    return {"mel": mel_frequencies, "gammatone": gammatone_frequencies}[front_end](parameters)


def _check(front_end: str) -> None:
    if front_end not in FRONT_ENDS:
        raise UnknownNameError("front end", str(front_end), FRONT_ENDS)
