"""A moment of a simulation, from which another simulation can start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .._checks import finite_number
from ..errors import ParameterError
from ..network.state import State

__all__ = ["Moment"]


@dataclass(frozen=True, eq=False)
class Moment:
    """Where a simulation stands: from here another one can start, with other parameters, seeds or stimuli.

    Attributes
    ----------
    time : float
        Simulated time (s).
    state : dict of str to array
        All that the network remembers.
    """

    time: float
    state: State

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", finite_number("Moment.time", self.time, low=0))

    def fingerprint(self) -> str:
        """A text that differs between two moments."""
        digest = hashlib.sha256(repr(self.time).encode())
        for name, values in sorted(self.state.items()):
            digest.update(name.encode() + values.tobytes())
        return f"{self.time:g} s, {digest.hexdigest()[:16]}"

    def check_fits(self, state: State) -> None:
        """Compare with the state of the network that is to start here.

        Raises
        ------
        ParameterError
            It is another network, or has another time step.
        """
        present, expected = ({name: v.shape for name, v in s.items()} for s in (self.state, state))
        differing = sorted(name for name in {*present, *expected} if present.get(name) != expected.get(name))
        if differing:
            raise ParameterError(
                f"start: a moment of another network or time step ({', '.join(differing)} differ)"
            )
