"""The periods of a simulation, which have to divide each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import ParameterError

__all__ = ["Timing", "steps_of"]


def steps_of(duration: float, period: float, name: str, period_name: str) -> int:
    """``duration / period`` as a whole number; ParameterError if it is not one."""
    count = round(duration / period) if math.isfinite(duration / period) else 0
    if count < 1 or not math.isclose(count * period, duration, rel_tol=1e-9):
        raise ParameterError(
            f"{name} = {duration:g} s: must be a whole multiple of {period_name} = {period:g} s"
        )
    return count


@dataclass(frozen=True)
class Timing:
    """The periods of a simulation, all in seconds.

    Attributes
    ----------
    dt
        Time step. Spikes lie on its grid; an input fires at most once a step.
    frame_period
        Time for which the rates of the inputs are constant.
    update_period
        Time between two steps of prior and noise. b times it should be at most 1e-3.
    segment
        Length of a segment: a whole multiple of the other periods.
    delay
        Delay of lateral synapses.

    Raises
    ------
    ParameterError
        A period is not a whole multiple of the one it has to be.
    """

    dt: float = 1e-3
    frame_period: float = 0.2
    update_period: float = 1.0
    segment: float = 60.0
    delay: float = 5e-3

    def __post_init__(self) -> None:
        if not (self.dt > 0 and math.isfinite(self.dt)):
            raise ParameterError(f"dt = {self.dt!r} s: must be more than 0")
        if self.frame_period > 0.5:
            # Presynaptic traces grow as e^(t/τ_r) inside a frame: 0.5 s at τ_r = 1 ms is near the limit of a double.
            raise ParameterError(
                f"frame_period = {self.frame_period:g} s: must be at most 0.5 s; show a frame twice"
            )
        for name in ("frame_period", "update_period", "segment", "delay"):
            steps_of(getattr(self, name), self.dt, name, "dt")
        steps_of(self.segment, self.frame_period, "segment", "frame_period")
        steps_of(self.segment, self.update_period, "segment", "update_period")

    @property
    def steps(self) -> int:
        """Time steps in a segment."""
        return round(self.segment / self.dt)

    @property
    def frames(self) -> int:
        """Frames in a segment."""
        return round(self.segment / self.frame_period)

    @property
    def delay_steps(self) -> int:
        """Time steps of the lateral delay."""
        return round(self.delay / self.dt)
