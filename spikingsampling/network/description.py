"""What a network is: sources of input, populations of winner-take-all circuits, and the synapses between them.

A :class:`Network` is a plain description, made with NumPy alone. The engines turn it into Brian2 objects; the
recording writes it beside the spikes. Potential synapses are listed explicitly. Which of them are active at a time is a
matter of their parameter θ: a synapse is active while θ > 0, and retracted otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import whole_number
from ..errors import ParameterError, UnknownNameError
from ..tables import Summarised, Table
from .parameters import CircuitParameters
from .pathways import Pathway, Projection, lay_end_to_end
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


@dataclass(frozen=True, eq=False, repr=False)
class Network(Summarised):
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
        Names given twice, indices out of range, immediate PSPs with a rule that has none.
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
        if self.parameters.psp == "immediate" and not self.rule.code(self.parameters).on_draw:
            raise ParameterError(
                f"psp = 'immediate': must be 'kept' with {type(self.rule).__name__}, whose code has no on_draw"
            )

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
        for name in projection.constants.own:
            if name not in getattr(self.rule, "own_constants", ()):
                raise ParameterError(
                    f"Projection {projection.name!r}: {name} must be that of the network: {type(self.rule).__name__} "
                    "has no use for another"
                )

    def summary(self) -> tuple[str, list[Table]]:
        """How large it is; its sources, populations and projections."""
        sizes = f"{self.n_inputs} inputs, {self.n_neurons} neurons in {self.n_circuits} circuits"
        groups = [
            *((source.name, "source", str(source.size)) for source in self.sources),
            *(
                (p.name, f"{p.n_circuits} circuits of {p.circuit_size}", str(p.size))
                for p in self.populations
            ),
        ]
        projections = [(p.name, f"{p.pre} → {p.post}", str(len(p))) for p in self.projections]
        return f"{sizes}, {self.n_synapses} synapses", [
            Table(("name", "kind", "neurons"), groups),
            Table(("projection", "from → to", "synapses"), projections),
        ]

    def _pre_group(self, projection: Projection) -> Source | Population:
        groups = {group.name: group for group in (*self.sources, *self.populations)}
        if projection.pre not in groups:
            raise UnknownNameError("source or population", projection.pre, groups)
        return groups[projection.pre]

    def constants(self) -> dict[str, Any]:
        """All constants by name, those that a projection has of its own as ``projection.name``."""
        own = {f"{p.name}.{name}": value for p in self.projections for name, value in p.constants.own.items()}
        return self.parameters.to_mapping() | own

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
    def pathways(self) -> tuple[Pathway, ...]:
        """All synapses: ``feedforward`` and ``lateral``, and one more, numbered, for each further set of constants."""
        pre = {"feedforward": self.source_slices, "lateral": self.population_slices}
        return tuple(
            pathway
            for kind, slices in pre.items()
            for pathway in lay_end_to_end(
                kind, [p for p in self.projections if p.pre in slices], slices, self.population_slices
            )
        )

    @property
    def has_lateral(self) -> bool:
        """Whether there are synapses between neurons."""
        return any(pathway.lateral for pathway in self.pathways)

    @property
    def has_gates(self) -> bool:
        """Whether the amplitude of lateral spikes depends on the input of their circuit."""
        return self.has_lateral and self.parameters.lateral_half > 0

    def pathway(self, projection: str) -> Pathway:
        """The pathway in which a projection with synapses lies."""
        for pathway in self.pathways:
            if projection in pathway.slices:
                return pathway
        raise UnknownNameError("projection", projection, [p.name for p in self.projections if len(p)])


def _named(kind: str, name: str, items: Sequence) -> object:
    for item in items:
        if item.name == name:
            return item
    raise UnknownNameError(kind, name, [item.name for item in items])


def _slices(groups: Sequence[Source | Population]) -> dict[str, slice]:
    edges = np.cumsum([0, *(group.size for group in groups)])
    return {g.name: slice(int(a), int(b)) for g, a, b in zip(groups, edges, edges[1:], strict=False)}
