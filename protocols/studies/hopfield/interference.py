"""Patterns that disturb each other: unlearning, patterns that are alike, and the palimpsest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spikingsampling.analysis import estimate_mean
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield import references as references
from spikingsampling.protocols.studies.hopfield.configuration import HopfieldConfiguration
from spikingsampling.protocols.studies.hopfield.figures import RULE_NAMES, plot_lines
from spikingsampling.protocols.studies.hopfield.measures import running_mean
from spikingsampling.protocols.studies.hopfield.outcome import OVERLAP, Outcome, Streams, repeat

__all__ = ["COMPARED_RULES", "correlated", "palimpsest", "projection_limit", "sharing", "unlearning"]

#: Rules that are compared on patterns that are alike, and on pictures.
COMPARED_RULES = ("hebb", "storkey", "projection")
_ALIKE = (
    "What recall keeps of patterns that are alike: Hebb's rule keeps their mean, projection each of them."
)


def unlearning(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Overlap over the number of dreams: it rises and collapses."""
    outcome, curves = Outcome(), {}
    stops = [round(dreams * c.dreaming) for dreams in c.dreams]
    for alpha in c.dreaming_alphas:
        seeds = streams(f"dreams {alpha:g}").spawn(c.repetitions)
        runs = np.array([experiments.unlearning(c.dreaming, alpha, c.rate, stops, seed) for seed in seeds])
        curves[f"α = {alpha:g}"] = runs
        for when, values in (("before", runs[:, 0]), ("best", runs.max(axis=1)), ("after", runs[:, -1])):
            outcome.metrics[f"unlearning.alpha_{alpha:g}.{when}"] = estimate_mean(values, OVERLAP)
    expected = {f"α = {a:g}": references.DREAMS[a] for a in c.dreaming_alphas if a in references.DREAMS}
    label = f"overlap m, N = {c.dreaming} (reference: N = 200)"
    outcome.add_figure(
        "unlearning",
        "Unlearning by dreams first helps recall and then destroys it; crosses: reference values.",
        plot_lines,
        c.dreams,
        curves,
        "dreams per neuron",
        label,
        references=expected,
    )
    return outcome


def _by_rule(
    c: HopfieldConfiguration,
    streams: Streams,
    outcome: Outcome,
    kind: str,
    experiment: Callable[[str, float, np.random.SeedSequence], float],
) -> dict[str, np.ndarray]:
    curves = {}
    for rule in COMPARED_RULES:
        name = f"{kind}.{rule}."
        curves[RULE_NAMES[rule]] = repeat(
            outcome,
            name,
            c.correlations,
            lambda value, seed, rule=rule: experiment(rule, value, seed),
            streams(name).spawn(c.repetitions),
            OVERLAP,
        )
    return curves


def correlated(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Patterns of set correlation, α = 0.2, by rule: Hebb's keeps their mean, with the overlap √c."""
    outcome, grid = Outcome(), np.linspace(0, max(c.correlations), 200)
    curves = _by_rule(
        c,
        streams,
        outcome,
        "correlated",
        lambda rule, correlation, seed: experiments.recall_of_correlated(
            rule, c.neurons, 0.2, correlation, seed
        ),
    )
    outcome.add_figure(
        "correlated",
        _ALIKE,
        plot_lines,
        c.correlations,
        curves,
        "correlation c of the patterns, α = 0.2",
        "overlap m",
        theory_lines={"√c: the mean of all patterns": (grid, np.sqrt(grid))},
        references={RULE_NAMES["hebb"]: references.CORRELATED},
    )
    return outcome


def sharing(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Patterns that share active neurons, α = 0.05, by rule (lecture 4, problem 2)."""
    outcome, count = Outcome(), round(0.05 * c.neurons)
    curves = _by_rule(
        c,
        streams,
        outcome,
        "sharing",
        lambda rule, shared, seed: experiments.recall_of_sharing(rule, c.neurons, count, shared, seed),
    )
    label = "part of the active neurons shared by all patterns, α = 0.05"
    outcome.add_figure("sharing", _ALIKE, plot_lines, c.correlations, curves, label, "overlap m")
    return outcome


def palimpsest(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Patterns stored one after another, N/2 of them, over their age."""
    outcome, curves, count = Outcome(), {}, c.neurons // 2
    for rule in ("hebb", "palimpsest"):
        seeds = streams(f"fades {rule}").spawn(c.repetitions)
        runs = np.array([experiments.overlap_by_age(c.neurons, count, 4.0, rule, seed) for seed in seeds])
        curves[RULE_NAMES[rule]] = [running_mean(run) for run in runs]
        youngest = runs[:, : max(1, count // 50)].mean(axis=1)
        outcome.metrics[f"palimpsest.{rule}.youngest"] = estimate_mean(youngest, OVERLAP)
    age = running_mean(np.arange(count)) / c.neurons
    outcome.add_figure(
        "palimpsest",
        "Recall of patterns stored one after another, over their age: a palimpsest keeps the latest, Hebb's rule none.",
        plot_lines,
        age,
        curves,
        "patterns stored since, per neuron",
        "overlap m (means of 9 patterns)",
    )
    return outcome


def projection_limit(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Correlated patterns over α: the projection rule keeps them to α = 1."""
    outcome, curves = Outcome(), {}
    for rule in ("hebb", "projection"):
        name = f"held.{rule}.alpha_"
        curves[RULE_NAMES[rule]] = repeat(
            outcome,
            name,
            c.held_alphas,
            lambda alpha, seed, rule=rule: experiments.recall_of_correlated(
                rule, c.neurons, alpha, 0.25, seed
            ),
            streams(name).spawn(c.repetitions),
            OVERLAP,
        )
    label, mark = "patterns per neuron α, correlation 0.25", {"α = 1: nothing is left": 1.0}
    outcome.add_figure(
        "held",
        "Correlated patterns: the projection rule holds up to one per neuron.",
        plot_lines,
        c.held_alphas,
        curves,
        label,
        "overlap m",
        marks=mark,
    )
    return outcome
