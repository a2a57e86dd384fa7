"""Encoding: sound to activity of channels, and activity of channels or pixels to firing rates.

Two models of the cochlea give the same kind of result, activity in [0, 1] of shape (n_frames, n_channels):
:func:`mel_cochleagram` and :func:`gammatone_cochleagram`. Both trim the silence around the word, compress the
amplitude by a power law and control the gain. The frames have either a fixed period (a streamed sound) or divide the
sound into ``n_frames`` equal parts. Such a static pattern has, for example, 8 frames of 77 channels = 616 activities.
Images may be set upright (:func:`upright`) and turned into edges by orientation (:func:`edge_maps`), sounds into
spectral edges (:func:`spectral_edges`).
"""

from __future__ import annotations

from ..._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "edges": ("EdgeParameters", "edge_maps", "upright"),
        "firing_rates": ("equalise", "rates"),
        "front_ends": ("FRONT_ENDS", "FrontEnd", "centre_frequencies", "cochleagram"),
        "gammatone": ("gammatone_cochleagram",),
        "mel": ("mel_cochleagram",),
        "parameters": ("CochleagramParameters",),
        "sound": ("trim_silence",),
        "spectral": ("spectral_edges",),
    },
)
