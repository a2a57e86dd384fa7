"""What a network is: sources of input, populations of winner-take-all circuits, and the synapses between them.

A :class:`Network` is a plain description, made with NumPy alone. The engines turn it into Brian2 objects; the
recording writes it beside the spikes. Potential synapses are listed explicitly. Which of them are active at a time is a
matter of their parameter θ: a synapse is active while θ > 0, and retracted otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import index_array, whole_number
from ..errors import ParameterError, UnknownNameError
from .parameters import CircuitParameters
from .rules import SamplingRule, SynapseRule

__all__ = ["Network", "Population", "Projection", "Source", "all_to_all", "connect"]

Index = NDArray[np.int32]


def _hold_sizes(group: Source | Population, *names: str) -> None:
    """Check sizes, and hold them as Python integers whatever type the caller's are of."""
    for name in names:
        size = whole_number(f"{type(group).__name__} {group.name!r}: {name}", getattr(group, name))
        object.__setattr__(group, name, size)


@dataclass(frozen=True)
class Source:
    """A group of ``size`` input neurons that fire as Poisson processes, for example one per pixel.

    Raises
    ------
    ParameterError
        ``size`` is not a whole number from 1.
    """

    name: str
    size: int

    def __post_init__(self) -> None:
        _hold_sizes(self, "size")


@dataclass(frozen=True)
class Population:
    """``n_circuits`` winner-take-all circuits of ``circuit_size`` neurons each.

    Raises
    ------
    ParameterError
        A size is not a whole number from 1.
    """

    name: str
    n_circuits: int
    circuit_size: int

    def __post_init__(self) -> None:
        _hold_sizes(self, "n_circuits", "circuit_size")

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.n_circuits * self.circuit_size

    @property
    def circuit(self) -> Index:
        """Circuit of each neuron, shape (size,)."""
        return np.repeat(np.arange(self.n_circuits, dtype=np.int32), self.circuit_size)


@dataclass(frozen=True)
class Projection:
    """Potential synapses from a source or population ``pre`` to a population ``post``.

    ``pre_index`` and ``post_index`` (n_synapses,) count from 0 inside ``pre`` and ``post``. Projections from a
    source are feed-forward; those from a population are lateral and act after the lateral delay.

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

    def __post_init__(self) -> None:
        for end in ("pre_index", "post_index"):
            index = index_array(f"Projection {self.name!r}: {end}", getattr(self, end), 2**31 - 1)
            object.__setattr__(self, end, index.astype(np.int32))

    def __len__(self) -> int:
        return len(self.pre_index)


def connect(name: str, pre: str, post: str, mask: ArrayLike) -> Projection:
    """A projection with a potential synapse wherever ``mask`` (n_pre, n_post) is true, ordered by target.

    Raises
    ------
    ParameterError
        ``mask`` is not a matrix of truth values (0 and 1 are read as such).
    """
    allowed = np.asarray(mask)
    if allowed.ndim != 2 or not np.isin(allowed, (0, 1)).all():
        raise ParameterError(f"mask of shape {allowed.shape}: must be a matrix of True and False")
    post_index, pre_index = np.nonzero(allowed.T)
    return Projection(name, pre, post, pre_index, post_index)


def all_to_all(pre: Source | Population, post: Population) -> Projection:
    """Potential synapses between all pairs, without those from a neuron to itself."""
    mask = np.ones((pre.size, post.size), dtype=bool)
    if pre.name == post.name:
        np.fill_diagonal(mask, False)
    return connect(f"{pre.name}_to_{post.name}", pre.name, post.name, mask)


@dataclass(frozen=True)
class Pathway:
    """Projections of one kind laid end to end, as an engine holds them: one parameter array for all."""

    name: str
    pre_index: Index
    post_index: Index
    slices: dict[str, slice]

    def __len__(self) -> int:
        return len(self.pre_index)


@dataclass(frozen=True, eq=False)
class Network:
    """A network of winner-take-all circuits with plastic potential synapses.

    Parameters
    ----------
    sources : sequence of Source
    populations : sequence of Population
    projections : sequence of Projection
    parameters : CircuitParameters
        Shared by all circuits and synapses.
    rule : SynapseRule
        How the synapses learn; synaptic sampling by default.

    Raises
    ------
    ParameterError
        Names given twice, indices out of range.
    UnknownNameError
        A projection names a source or population that does not exist.
    """

    sources: Sequence[Source]
    populations: Sequence[Population]
    projections: Sequence[Projection]
    parameters: CircuitParameters = field(default_factory=CircuitParameters)
    rule: SynapseRule = field(default_factory=SamplingRule)

    def __post_init__(self) -> None:
        for kind in ("sources", "populations", "projections"):
            object.__setattr__(self, kind, tuple(getattr(self, kind)))
        if not self.sources or not self.populations:
            raise ParameterError("Network: needs at least one source and one population")
        for kind, items in (
            ("sources and populations", (*self.sources, *self.populations)),
            ("projections", self.projections),
        ):
            names = [item.name for item in items]
            if len(set(names)) < len(names):
                raise ParameterError(f"Network, {kind}: names must differ, got {names}")
        for projection in self.projections:
            self._check(projection)

    def _check(self, projection: Projection) -> None:
        if len(projection.pre_index) != len(projection.post_index):
            raise ParameterError(
                f"Projection {projection.name!r}: {len(projection.pre_index)} pre_index and "
                f"{len(projection.post_index)} post_index: must be equally many"
            )
        for end, size in (
            ("pre", self._pre_group(projection).size),
            ("post", self.population(projection.post).size),
        ):
            index = getattr(projection, f"{end}_index")
            if len(index) and not (index.min() >= 0 and index.max() < size):
                raise ParameterError(
                    f"Projection {projection.name!r}: {end}_index must lie in 0 … {size - 1}"
                )

    def _pre_group(self, projection: Projection) -> Source | Population:
        groups = {group.name: group for group in (*self.sources, *self.populations)}
        if projection.pre not in groups:
            raise UnknownNameError("source or population", projection.pre, groups)
        return groups[projection.pre]

    def source(self, name: str) -> Source:
        """The source of that name."""
        return _named("source", name, self.sources)

    def population(self, name: str) -> Population:
        """The population of that name."""
        return _named("population", name, self.populations)

    def projection(self, name: str) -> Projection:
        """The projection of that name."""
        return _named("projection", name, self.projections)

    @cached_property
    def source_slices(self) -> dict[str, slice]:
        """Where each source lies among all inputs."""
        return _slices(self.sources)

    @cached_property
    def population_slices(self) -> dict[str, slice]:
        """Where each population lies among all neurons."""
        return _slices(self.populations)

    @property
    def n_inputs(self) -> int:
        """Number of inputs of all sources."""
        return sum(source.size for source in self.sources)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of all populations."""
        return sum(population.size for population in self.populations)

    @property
    def n_circuits(self) -> int:
        """Number of circuits of all populations."""
        return sum(population.n_circuits for population in self.populations)

    @property
    def n_synapses(self) -> int:
        """Number of potential synapses."""
        return sum(len(projection) for projection in self.projections)

    @cached_property
    def circuit(self) -> Index:
        """Circuit of each neuron, counted through all populations, shape (n_neurons,)."""
        sizes = [p.circuit_size for p in self.populations for _ in range(p.n_circuits)]
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)

    @cached_property
    def feedforward(self) -> Pathway:
        """All projections from sources."""
        return self._pathway("feedforward", self.source_slices)

    @cached_property
    def lateral(self) -> Pathway:
        """All projections from populations."""
        return self._pathway("lateral", self.population_slices)

    @property
    def pathways(self) -> tuple[Pathway, ...]:
        """The pathways that have synapses."""
        return tuple(pathway for pathway in (self.feedforward, self.lateral) if len(pathway))

    def _pathway(self, name: str, pre_slices: dict[str, slice]) -> Pathway:
        members = [p for p in self.projections if p.pre in pre_slices]
        pre = [p.pre_index + pre_slices[p.pre].start for p in members]
        post = [p.post_index + self.population_slices[p.post].start for p in members]
        edges = np.cumsum([0, *map(len, members)])
        slices = {p.name: slice(int(a), int(b)) for p, a, b in zip(members, edges, edges[1:], strict=False)}
        empty = np.zeros(0, dtype=np.int32)
        return Pathway(name, np.concatenate([empty, *pre]), np.concatenate([empty, *post]), slices)


def _named(kind: str, name: str, items: Sequence) -> object:
    for item in items:
        if item.name == name:
            return item
    raise UnknownNameError(kind, name, [item.name for item in items])


def _slices(groups: Sequence[Source | Population]) -> dict[str, slice]:
    edges = np.cumsum([0, *(group.size for group in groups)])
    return {g.name: slice(int(a), int(b)) for g, a, b in zip(groups, edges, edges[1:], strict=False)}
