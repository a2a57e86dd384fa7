"""The settings that both models of the cochlea share."""

from __future__ import annotations

from pydantic import model_validator

from ...parameters import Parameters, quantity
from ...units import Frequency, Number, Time

__all__ = ["CochleagramParameters"]


class CochleagramParameters(Parameters):
    """Settings of both front ends.

    ``n_frames`` None streams the sound with one frame per ``frame_period``; a number divides it into as many
    equal parts, and ``frame_period`` is not used.
    """

    n_channels: int = quantity(
        77, "number of frequency channels", low=1, high=1000, source="after Kappel et al., NIPS 2015"
    )
    n_frames: int | None = quantity(None, "number of frames of a static pattern", low=1, high=10000)
    frame_period: Time = quantity(
        "25 ms", "period of the frames of a streamed sound", low="1 ms", high="1 s", dimension="time"
    )
    f_min: Frequency = quantity(
        "100 Hz", "lower edge of the frequency range", low="20 Hz", high="20 kHz", dimension="frequency"
    )
    f_max: Frequency = quantity(
        "3900 Hz", "upper edge of the frequency range", low="20 Hz", high="20 kHz", dimension="frequency"
    )
    window: Time = quantity(
        "32 ms", "window of the short-time spectrum (mel)", low="2 ms", high="1 s", dimension="time"
    )
    low_pass: Frequency = quantity(
        "50 Hz", "cut-off of the low-pass filter (gammatone)", low="1 Hz", high="1 kHz", dimension="frequency"
    )
    compression: Number = quantity(0.4, "exponent of the compression of the amplitude", low=0.05, high=2)
    dynamic_range: Number = quantity(
        40.0, "range of levels below the reference that is kept (dB)", low=1, high=200
    )
    gain_control: Number = quantity(
        0.5, "0: one gain for the whole sound; 1: every frame has its own gain", low=0, high=1
    )
    trim: Number = quantity(
        30.0, "level below the loudest frame (dB) at which a sound begins and ends", low=1, high=200
    )

    @model_validator(mode="after")
    def _check_range(self) -> CochleagramParameters:
        if not self.f_min < self.f_max:
            raise ValueError(f"f_min = {self.f_min} Hz must be less than f_max = {self.f_max} Hz")
        return self
