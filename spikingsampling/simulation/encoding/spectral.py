"""Spectral edges of sounds: where the level rises or falls from channel to channel.

Formants are peaks of the spectrum. Differences between neighbouring channels tell where a peak begins and ends however
loud it is, and leave out what all channels share, as lateral inhibition along the cochlea's map of frequencies does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ParameterError

__all__ = ["spectral_edges"]


def spectral_edges(activity: ArrayLike) -> NDArray[np.float64]:
    """Rises and falls of the activity a over channels c: the positive parts of a[c+1] − a[c−1] and of a[c−1] − a[c+1].

    Parameters
    ----------
    activity : (..., n_channels) array
        In [0, 1], for example frames of a cochleagram; at least three channels.

    Returns
    -------
    (..., 2 · (n_channels − 2)) array
        In [0, 1]: the rises from low to high frequencies, and then the falls.

    Raises
    ------
    ParameterError
        Fewer than three channels, or activity outside [0, 1] or NaN.
    """
    levels = np.asarray(activity, dtype=float)
    if not levels.ndim or levels.shape[-1] < 3:
        raise ParameterError(f"activity of shape {levels.shape}: must have at least 3 channels")
    if not np.all((levels >= 0) & (levels <= 1)):
        raise ParameterError(f"activity is in [{levels.min():g}, {levels.max():g}]: must be in [0, 1]")
    slope = levels[..., 2:] - levels[..., :-2]
    return np.concatenate([np.maximum(slope, 0), np.maximum(-slope, 0)], axis=-1)
