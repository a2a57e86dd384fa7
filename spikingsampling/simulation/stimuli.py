"""Stimuli: small libraries of rate patterns, and schedules that say which of them is shown when.

Hours of stimulus are a table of rates, one row per frame of each item, and one integer per frame of time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import positive_time, quantity_of, real_array, whole_array, whole_number
from ..errors import ParameterError, UnknownNameError
from ..network.description import Network

__all__ = ["SILENCE", "Library", "Stimuli"]

#: The item that stands for a silent source.
SILENCE = -1


@dataclass(frozen=True, eq=False)
class Library:
    """The items that one source can show.

    Parameters
    ----------
    rates : (n_items, n_frames, n_inputs) or (n_items, n_inputs) array
        Firing rates of the inputs in each frame of each item (Hz). An item with one frame is static.
    labels : (n_items,) int array
        Class of each item.
    silent_rate : frequency
        Rate of every input while the source is silent; a number in Hz or with a unit.

    Raises
    ------
    ParameterError
        Wrong shapes; rates that are negative, NaN or above 1 kHz; labels that are not whole.
    """

    rates: NDArray[np.float64]
    labels: NDArray[np.int64]
    silent_rate: float = 1.0

    def __post_init__(self) -> None:
        rates, labels = np.asarray(self.rates), np.asarray(self.labels)
        if rates.ndim == 2:
            rates = rates[:, None, :]
        if rates.ndim != 3 or not rates.size or labels.shape != rates.shape[:1]:
            raise ParameterError(
                f"Library: rates of shape {np.shape(self.rates)} and labels of shape {labels.shape}: must be "
                "(n_items, [n_frames,] n_inputs) and (n_items,), none of them 0"
            )
        rates = real_array("Library.rates", rates, rates.shape).astype(np.float64, copy=False)
        if not (np.all(rates >= 0) and np.all(rates <= 1000)):  # False for NaN, too
            raise ParameterError(
                f"Library.rates: from {rates.min()} to {rates.max()} Hz; must lie in 0 … 1000 Hz"
            )
        silent_rate = quantity_of("Library.silent_rate", self.silent_rate, "frequency")
        if not 0 <= silent_rate <= 1000:
            raise ParameterError(f"Library.silent_rate = {silent_rate} Hz: must lie in 0 … 1000 Hz")
        object.__setattr__(self, "rates", rates)
        object.__setattr__(self, "labels", whole_array("Library.labels", labels, length=len(rates)))
        object.__setattr__(self, "silent_rate", silent_rate)

    def __len__(self) -> int:
        return len(self.rates)


@dataclass(frozen=True, eq=False)
class Stimuli:
    """The libraries of all sources of a network and the rhythm in which items are presented.

    Parameters
    ----------
    libraries : mapping of str to Library
        By source.
    frame_period : time
        Length of a frame; a number in s or with a unit.
    frames_per_presentation : int
        A presentation lasts ``frames_per_presentation * frame_period``. Items with fewer frames hold their frames
        longer, so their number of frames must divide this one.
    gap_frames : int
        Silent frames after each presentation.

    Raises
    ------
    ParameterError
        A period or number is not one, or the frames of an item do not divide ``frames_per_presentation``.
    """

    libraries: Mapping[str, Library]
    frame_period: float = 0.2
    frames_per_presentation: int = 1
    gap_frames: int = 0

    def __post_init__(self) -> None:
        held = {
            "frame_period": positive_time("Stimuli.frame_period", self.frame_period),
            "frames_per_presentation": whole_number(
                "Stimuli.frames_per_presentation", self.frames_per_presentation
            ),
            "gap_frames": whole_number("Stimuli.gap_frames", self.gap_frames, low=0),
        }
        for name, value in held.items():
            object.__setattr__(self, name, value)
        for name, library in self.libraries.items():
            if self.frames_per_presentation % library.rates.shape[1]:
                raise ParameterError(
                    f"library {name!r} has {library.rates.shape[1]} frames per item: must divide "
                    f"frames_per_presentation = {self.frames_per_presentation}"
                )

    @property
    def presentation_period(self) -> float:
        """Time from one presentation to the next (s), the gap included."""
        return (self.frames_per_presentation + self.gap_frames) * self.frame_period

    def table(self, network: Network) -> NDArray[np.float64]:
        """Rates of all inputs in Hz, (n_rows, n_inputs); row 0 is silence, then come the frames of the items.

        Raises
        ------
        UnknownNameError, ParameterError
            The libraries are not those of the network's sources, or do not have their size.
        """
        for name in self.libraries:
            network.source(name)
        n_rows = 1 + max(
            (lib.rates.shape[0] * lib.rates.shape[1] for lib in self.libraries.values()), default=0
        )
        table = np.zeros((n_rows, network.n_inputs))
        for source in network.sources:
            if source.name not in self.libraries:
                raise UnknownNameError("library for the source", source.name, self.libraries)
            library, columns = self.libraries[source.name], network.source_slices[source.name]
            frames = library.rates.reshape(-1, library.rates.shape[2])
            if frames.shape[1] != source.size:
                raise ParameterError(
                    f"library {source.name!r} has {frames.shape[1]} inputs, its source has {source.size}"
                )
            table[:, columns] = library.silent_rate
            table[1 : 1 + len(frames), columns] = frames
        return table

    def numbers_of(self, items: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.int64]]:
        """Items by source as int64 arrays (n_presentations,), whatever type of integer they come in.

        Raises
        ------
        ParameterError
            Unequal lengths, or items that are not in the library.
        """
        lengths = {name: np.shape(numbers) for name, numbers in items.items()}
        (shape,) = set(lengths.values()) if len(set(lengths.values())) == 1 else ((),)
        if len(shape) != 1 or shape == (0,):
            raise ParameterError(f"items: must be 1-D, equally long and not empty, have shapes {lengths}")
        return {
            name: whole_array(
                f"items of {name!r} (-1: none)",
                numbers,
                SILENCE,
                (len(self.libraries[name]) if name in self.libraries else 2**31) - 1,
            )
            for name, numbers in items.items()
        }

    def schedule(self, items: Mapping[str, ArrayLike], order: Sequence[str]) -> NDArray[np.int32]:
        """Rows of the table that the sources show frame by frame.

        Parameters
        ----------
        items : mapping of str to (n_presentations,) int array
            Item shown by each source in each presentation, or :data:`SILENCE`; a source left out is silent.
        order : sequence of str
            The sources in the order of the network.

        Returns
        -------
        (n_presentations * (frames_per_presentation + gap_frames), n_sources) int32 array

        Raises
        ------
        ParameterError
            Unequal lengths, or items that are not in the library.
        """
        shown = self.numbers_of(items)
        n_presentations = len(next(iter(shown.values())))
        frame = np.arange(self.frames_per_presentation)
        columns = []
        for name in order:
            library = self.libraries[name]
            numbers = shown.get(name, np.full(n_presentations, SILENCE))
            n_frames = library.rates.shape[1]
            rows = 1 + numbers[:, None] * n_frames + frame * n_frames // self.frames_per_presentation
            rows = np.where(numbers[:, None] == SILENCE, 0, rows)
            columns.append(np.pad(rows, ((0, 0), (0, self.gap_frames))).ravel())
        unknown = set(items) - set(order)
        if unknown:
            raise UnknownNameError("source", sorted(unknown)[0], order)
        return np.stack(columns, axis=1).astype(np.int32)
