"""The periods of a simulation, which have to divide each other."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from .._checks import positive_time
from ..errors import ParameterError

if TYPE_CHECKING:
    from .parameters import CircuitParameters

__all__ = ["Timing", "steps_of"]


#: The largest double is e^709; this leaves room for a sum of 10^8 spikes.
_LARGEST_EXPONENT = 690


def steps_of(duration: float, period: float, name: str, period_name: str) -> int:
    """``duration / period`` as a whole number; ParameterError if it is not one."""
    count = round(duration / period) if math.isfinite(duration / period) else 0
    if count < 1 or not math.isclose(count * period, duration, rel_tol=1e-9):
        raise ParameterError(
            f"{name} = {duration:.15g} s: must be a whole multiple of {period_name} = {period:.15g} s"
        )
    return count


@dataclass(frozen=True)
class Timing:
    """The periods of a simulation, read with or without a unit and held in seconds.

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
        A period is not a time, or not a whole multiple of the one it has to be.
    """

    dt: float = 1e-3
    frame_period: float = 0.2
    update_period: float = 1.0
    segment: float = 60.0
    delay: float = 5e-3

    def __post_init__(self) -> None:
        for field in fields(self):
            name = "lateral_delay" if field.name == "delay" else field.name
            object.__setattr__(self, field.name, positive_time(name, getattr(self, field.name)))
        if self.frame_period > 0.5:
            # Presynaptic traces grow as e^(t/τ_r) inside a frame: 0.5 s at τ_r = 1 ms is near the limit of a double.
            raise ParameterError(
                f"frame_period = {self.frame_period:g} s: must be at most 0.5 s; show a frame twice"
            )
        for name in ("frame_period", "update_period", "segment"):
            steps_of(getattr(self, name), self.dt, name, "dt")
        steps_of(self.delay, self.dt, "lateral_delay", "dt")
        steps_of(self.segment, self.frame_period, "segment", "frame_period")
        steps_of(self.segment, self.update_period, "segment", "update_period")

    def check_fits(self, parameters: CircuitParameters, highest_rate: float) -> None:
        """See that a network can be computed with these periods, whose inputs fire with up to ``highest_rate`` (Hz).

        Raises
        ------
        ParameterError
            An input or a circuit has to fire more often than once a step, or a trace overflows within a frame.
        """
        for name, rate in (("rho_net", parameters.rho_net), ("rates: the highest", highest_rate)):
            if rate * self.dt > 1 - 1e-9:  # at one spike a step, those that wait grow without bound
                raise ParameterError(
                    f"{name} = {rate:g} Hz: must be less than one spike in each time step dt = {self.dt:g} s "
                    f"({1 / self.dt:g} Hz), or spikes would be lost"
                )
        longest = _LARGEST_EXPONENT * parameters.tau_rise
        if self.frame_period > longest:
            raise ParameterError(
                f"tau_rise = {parameters.tau_rise:g} s: e^(t/tau_rise) overflows within frame_period = "
                f"{self.frame_period:g} s, which must be at most {_LARGEST_EXPONENT} tau_rise = {longest:g} s"
            )

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
