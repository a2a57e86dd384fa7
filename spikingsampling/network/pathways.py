"""Potential synapses between two groups, and how an engine holds those of a network: in a few long arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .._checks import index_array
from .parameters import SynapseConstants

__all__ = ["Index", "Pathway", "Projection", "lay_end_to_end"]

Index = NDArray[np.int32]


@dataclass(frozen=True)
class Projection:
    """Potential synapses from a source or population ``pre`` to a population ``post``.

    ``pre_index`` and ``post_index`` (n_synapses,) count from 0 inside ``pre`` and ``post``. Projections from a
    source are feed-forward; those from a population are lateral and act after the lateral delay. ``constants`` are its
    own where they differ from those of the network.

    Raises
    ------
    ParameterError
        The indices are not whole numbers from 0.
    """

    name: str
    pre: str
    post: str
    pre_index: Index
    post_index: Index
    constants: SynapseConstants = field(default_factory=SynapseConstants)

    def __post_init__(self) -> None:
        for end in ("pre_index", "post_index"):
            index = index_array(f"Projection {self.name!r}: {end}", getattr(self, end), 2**31 - 1)
            object.__setattr__(self, end, index.astype(np.int32))

    def __len__(self) -> int:
        return len(self.pre_index)


@dataclass(frozen=True)
class Pathway:
    """Projections of one kind and with the same constants laid end to end: an engine has one array for all.

    ``lateral`` ones come from populations, the others from sources.
    """

    name: str
    pre_index: Index
    post_index: Index
    slices: dict[str, slice]
    lateral: bool
    constants: SynapseConstants

    def __len__(self) -> int:
        return len(self.pre_index)


def lay_end_to_end(
    kind: str,
    projections: Sequence[Projection],
    pre_slices: Mapping[str, slice],
    post_slices: Mapping[str, slice],
) -> list[Pathway]:
    """A pathway for each set of constants among projections of a ``kind``; those without a synapse are left out.

    The first is called as the kind is, further ones get a number. The slices say where the groups lie among all
    neurons before and behind the synapses.
    """
    together: dict[SynapseConstants, list[Projection]] = {}
    for projection in projections:
        together.setdefault(projection.constants, []).append(projection)
    pathways = []
    for number, (constants, members) in enumerate(
        ((constants, members) for constants, members in together.items() if any(map(len, members))), 1
    ):
        edges = np.cumsum([0, *map(len, members)])
        pathways.append(
            Pathway(
                kind if number == 1 else f"{kind}_{number}",
                np.concatenate([p.pre_index + np.int32(pre_slices[p.pre].start) for p in members]),
                np.concatenate([p.post_index + np.int32(post_slices[p.post].start) for p in members]),
                {p.name: slice(int(a), int(b)) for p, a, b in zip(members, edges, edges[1:], strict=False)},
                kind == "lateral",
                constants,
            )
        )
    return pathways
