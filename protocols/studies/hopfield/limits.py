"""Where a Hopfield network fails: too many patterns, too much noise. Each experiment beside its theory."""

from __future__ import annotations

import numpy as np

from spikingsampling.analysis import estimate_mean
from spikingsampling.models.hopfield import theory as theory
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield import references as references
from spikingsampling.protocols.studies.hopfield.configuration import HopfieldConfiguration
from spikingsampling.protocols.studies.hopfield.figures import (
    CONVENTION_NAMES,
    plot_bit_errors,
    plot_capacity,
    plot_lines,
    plot_phases,
)
from spikingsampling.protocols.studies.hopfield.outcome import OVERLAP, PART, Outcome, Streams, repeat

__all__ = ["bit_errors", "capacity", "melting", "phases"]


def capacity(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """m(α) without noise, from the pattern, for several N."""
    critical, last = theory.capacity()
    outcome, curves = Outcome({"theory.alpha_c": critical, "theory.m_c": last}), {}
    for n in c.sizes:
        name = f"capacity.n_{n}.alpha_"
        curves[f"N = {n}"] = repeat(
            outcome,
            name,
            c.alphas,
            lambda alpha, seed, n=n: experiments.retrieval(n, alpha, 0.0, seed),
            streams(name).spawn(c.repetitions),
            OVERLAP,
        )
        for alpha in c.alphas:
            outcome.add_theory(f"{name}{alpha:g}", theory.overlap(alpha))
    outcome.add_figure(
        "capacity",
        "Overlap with a stored pattern after recall from it, over patterns per neuron α; line: theory for large N.",
        plot_capacity,
        c.alphas,
        curves,
        {"reference values, N = 2000": references.OVERLAPS},
    )
    return outcome


def bit_errors(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """How many neurons leave a stored pattern in one synchronous step."""
    outcome, n, name = Outcome(), max(c.sizes), "bit_error.alpha_"
    results = repeat(
        outcome,
        name,
        c.bit_alphas,
        lambda alpha, seed: experiments.bit_errors(n, alpha, seed),
        streams(name).spawn(c.repetitions),
        PART,
    )
    for alpha in c.bit_alphas:
        outcome.add_theory(f"{name}{alpha:g}", float(theory.bit_error(alpha)))
    outcome.add_figure(
        "bit_errors",
        "Neurons that leave a stored pattern in one synchronous step; line: ½ erfc(√(1/2α)).",
        plot_bit_errors,
        c.bit_alphas,
        {f"N = {n}": results},
        {"reference values": references.BIT_ERRORS},
    )
    return outcome


def melting(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """m(T) of two patterns in both conventions; T_c is 1 in one, ½ in the other (lecture 1)."""
    outcome, curves, lines = Outcome(), {}, {}
    grid = np.linspace(0.01, max(c.melting_temperatures), 200)
    for convention, factor in (("glauber", 1), ("logistic", 2)):
        name = f"melting.{convention}.T_"
        curves[CONVENTION_NAMES[convention]] = repeat(
            outcome,
            name,
            c.melting_temperatures,
            lambda t, seed, convention=convention: experiments.melting(c.neurons, t, convention, seed),
            streams(name).spawn(c.repetitions),
            OVERLAP,
        )
        lines[CONVENTION_NAMES[convention]] = grid, [theory.unsaturated_overlap(factor * t) for t in grid]
    outcome.add_figure(
        "melting",
        "Overlap of two patterns over temperature, for both ways to write the probability of firing.",
        plot_lines,
        c.melting_temperatures,
        curves,
        "temperature T = 1/β",
        f"overlap m, two patterns, N = {c.neurons}",
        marks={"T = 1, where the first melts": 1.0, "T = 0.5 (β = 2), where the second melts": 0.5},
        theory_lines=lines,
        references={CONVENTION_NAMES[name]: points for name, points in references.MELTING.items()},
    )
    return outcome


def phases(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """m over (α, T), one network per point and repetition."""
    outcome, grid = Outcome(), np.zeros((len(c.phase_temperatures), len(c.phase_alphas)))
    for i, t in enumerate(c.phase_temperatures):
        for j, alpha in enumerate(c.phase_alphas):
            seeds = streams(f"phases {t:g} {alpha:g}").spawn(c.repetitions)
            values = [experiments.retrieval(c.neurons, alpha, t, seed, c.phase_sweeps) for seed in seeds]
            grid[i, j] = np.mean(values)
            name = f"phases.T_{t:g}.alpha_{alpha:g}"
            outcome.metrics[name] = estimate_mean(values, OVERLAP)
            outcome.add_theory(name, theory.overlap(alpha, t))
    outcome.add_figure(
        "phases",
        "Overlap after recall from a pattern over α and temperature, with the borders of the theory.",
        plot_phases,
        c.phase_alphas,
        c.phase_temperatures,
        grid,
    )
    return outcome
