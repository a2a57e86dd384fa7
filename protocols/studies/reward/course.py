"""A long course of segments that goes on after a kill where its last checkpoint stands, with the same bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.experiment.run import Run
from spikingsampling.files import load_arrays, save_arrays

__all__ = ["Course", "follow"]

Array = NDArray[Any]
#: State and number of the segment to the state at its end, and what was measured in it.
Advance = Callable[[dict[str, Array], int], tuple[dict[str, Array], dict[str, Array]]]


class Course:
    """The end of a course and what was measured on the way.

    Attributes
    ----------
    state : dict of str to array
    measured : dict of str to (n_segments, ...) array
    """

    def __init__(self, state: dict[str, Array], measured: Mapping[str, Array]) -> None:
        self.state, self.measured = state, dict(measured)


def follow(
    context: Run[Any],
    part: str,
    start: dict[str, Array],
    advance: Advance,
    n_segments: int,
    *,
    every: int = 1,
    report: Callable[[Mapping[str, Array]], str] = lambda measured: "",
) -> Course:
    """Take ``n_segments`` segments from ``start``, or from the checkpoint of ``part`` where the run is resumed.

    Parameters
    ----------
    advance : callable
        All randomness comes from the state and the number of the segment.
    every : int
        Segments between checkpoints.
    report : callable
        What a line of the log says of the measures of a segment.

    Raises
    ------
    Interrupted
        The user has asked to stop; all is saved.
    """
    path = context.directory / f"{part}.npz"
    state, parts = start, []
    done = 0
    if context.resuming and path.is_file():
        saved = load_arrays(path)
        done = int(saved.pop("done"))
        state = {name[6:]: array for name, array in saved.items() if name.startswith("state/")}
        parts = [{name[9:]: array for name, array in saved.items() if name.startswith("measured/")}]
    while done < n_segments:
        new = []
        for number in range(done, min(done + every, n_segments)):
            state, measured = advance(state, number)
            new.append(measured)
        done += len(new)
        parts.append({name: np.stack([each[name] for each in new]) for name in new[0]})
        context.log.info("%s: segment %d of %d%s", part, done, n_segments, report(new[-1]))
        parts = [{name: np.concatenate([each[name] for each in parts]) for name in parts[0]}]
        save_arrays(
            path,
            {"done": np.array(done)}
            | {f"state/{name}": np.asarray(array) for name, array in state.items()}
            | {f"measured/{name}": array for name, array in parts[0].items()},
        )
        context.stop_if_interrupted()
    return Course(state, parts[0])
