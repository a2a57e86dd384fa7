"""Any Brian2 objects, advanced segment by segment: what an environment in Python needs to act in between.

An engine knows the circuits of this package. Here the objects are the caller's, and a segment is again a pure function:
the same state, inputs and seed give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError
from .base import Array
from .programs.cache import program_of_objects
from .programs.scratch import Scratch

if TYPE_CHECKING:
    from .build import BrianObjects

__all__ = ["Segments", "State"]

#: ``"group.variable"`` → values; a number for a variable that a group shares.
State = dict[str, Array]


class Segments:
    """A compiled program of Brian2 objects, which runs one segment at a time.

    Parameters
    ----------
    make : callable
        Makes the objects on the active device. All delays are 0, and no equation reads ``t``: each segment begins at 0,
        and what is on its way at its end is lost.
    state : mapping
        A state to start from. Its names are what goes from one segment to the next.
    dt : float
        Time step of the objects (s).
    announce : callable
        Told, before it begins, what may take long.

    Raises
    ------
    CompilerError
        There is no compiler, or it fails.
    """

    def __init__(
        self,
        make: Callable[[], BrianObjects],
        state: Mapping[str, Array],
        *,
        dt: float = 1e-3,
        announce: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.dt = dt
        self._sizes = {name: np.size(values) for name, values in state.items()}
        self._program = program_of_objects(make, list(self._sizes), announce=announce)

    def advance(
        self, state: Mapping[str, Array], duration: float, seed: int
    ) -> tuple[State, Array, NDArray[np.int32]]:
        """The state after ``duration`` (s), and the spikes: their times in the segment (s) and their neurons.

        Raises
        ------
        EngineError
            The state has other names or sizes than that at the start; the program fails; a value is not finite.
        """
        sizes = {name: np.size(values) for name, values in state.items()}
        if sizes != self._sizes:
            wrong = sorted(set(sizes.items()) ^ set(self._sizes.items()))
            raise EngineError(f"state: {wrong[0][0]!r} must be there, with the size that it had at the start")
        with Scratch(8 * 3 * sum(sizes.values()) + 10**7) as scratch:
            values = {name: np.asarray(value, dtype=float) for name, value in state.items()}
            got = self._program.run(
                scratch,
                {name: value.item() if value.ndim == 0 else value for name, value in values.items()},
                {},
                duration=duration,
                seed=seed,
                sizes=sizes,
            )
        if got.steps != round(duration / self.dt):
            raise EngineError(
                f"the compiled program made {got.steps} steps in {duration:g} s of {self.dt:g} s"
            )
        read = dict(got.arrays)
        times, neurons = read.pop("spikes.t"), read.pop("spikes.i")
        for name, array in read.items():
            if not np.isfinite(array).all():
                raise EngineError(f"{name} is not finite after a segment of {duration:g} s")
        end = {name: read[name].reshape(values[name].shape) for name in values}
        return end, times, neurons.astype(np.int32)
