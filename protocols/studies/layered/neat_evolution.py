"""Evolution of a network for exclusive or by neat-python, in a world of random numbers of its own."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling import extras
from spikingsampling.analysis import Estimate, estimate_mean
from spikingsampling.errors import ParameterError

__all__ = [
    "XOR",
    "Evolved",
    "error_of",
    "evaluations_with_restarts",
    "evolve",
    "lent_seed",
    "solves",
    "write_settings",
]

#: Inputs, and what the output should be.
XOR = (((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0))


@dataclass(frozen=True)
class Evolved:
    """How an evolution ended: networks evaluated until one solved the task or time was over, and that network."""

    solved: bool
    generations: int
    evaluations: int
    hidden: int
    connections: int


def error_of(activate: Callable[[tuple[float, ...]], list[float]]) -> NDArray[np.float64]:
    """|output − target| for each input of :data:`XOR`, (4,)."""
    return np.array([abs(activate(inputs)[0] - target) for inputs, target in XOR])


def solves(error: NDArray[np.float64]) -> bool:
    """Whether every output is on the right side of ½."""
    return bool((error < 0.5).all())


def write_settings(path: Path, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a file that neat-python reads."""
    lines = [
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
        for name, keys in sections.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


@contextmanager
def lent_seed(seed: np.random.SeedSequence) -> Iterator[None]:
    """Python's global generator with this seed, and afterwards as it was: neat-python knows no other."""
    before = random.getstate()
    random.seed(int.from_bytes(seed.generate_state(8).tobytes(), "little"))
    try:
        yield
    finally:
        random.setstate(before)


def evolve(settings: Path, generations: int, seed: np.random.SeedSequence) -> Evolved:
    """Evolve until a network solves the task, for at most so many generations.

    Fitness is (4 − Σ|output − target|)² (Stanley & Miikkulainen, Evol Comput 2002). Every network of every generation
    is counted as evaluated, also one that has been evaluated before.

    Raises
    ------
    MissingExtraError
        neat-python is not installed.
    ParameterError
        The evolution has more species than there is room for.
    """
    neat = extras.require("neat", "neat", "networks that evolve")
    kinds = neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation
    config = neat.Config(*kinds, str(settings))
    found: list[Any] = []
    counted = [0, 0]

    def evaluate(genomes: list[tuple[int, Any]], config: Any) -> None:
        counted[0] += 1
        counted[1] += len(genomes)
        for _, genome in genomes:
            error = error_of(neat.nn.FeedForwardNetwork.create(genome, config).activate)
            genome.fitness = float((len(XOR) - error.sum()) ** 2)
            if solves(error):
                found.append(genome)
                genome.fitness += config.fitness_threshold  # ends the evolution

    with lent_seed(seed):
        try:
            best = neat.Population(config).run(evaluate, generations)
        except RuntimeError as error:  # more species than the population has room for
            raise ParameterError(f"the settings {settings.name} do not fit each other: {error}") from None
    last = max(found, key=lambda genome: genome.fitness) if found else best
    enabled = sum(gene.enabled for gene in last.connections.values())
    return Evolved(bool(found), counted[0], counted[1], len(last.nodes) - 1, enabled)


def evaluations_with_restarts(evolved: Sequence[Evolved]) -> Estimate | None:
    """Networks that are tried until one solves the task, if an evolution without success is followed by a new one.

    Σ evaluations / number of successes, the expected running time of benchmarks (Auger & Hansen, CEC 2005): nothing is
    left out, as it is in the mean of those that ended. The interval is that of a ratio of means, to first order.
    None where no evolution has solved it.
    """
    solved = np.array([each.solved for each in evolved], dtype=float)
    if not solved.any():
        return None
    evaluations = np.array([each.evaluations for each in evolved], dtype=float)
    ratio = float(evaluations.sum() / solved.sum())
    around = estimate_mean((evaluations - ratio * solved) / solved.mean()).interval
    interval = None if around is None else (max(0.0, ratio + around[0]), ratio + around[1])
    return Estimate(ratio, len(evolved), interval, (0.0, math.inf))
