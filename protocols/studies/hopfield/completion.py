"""Recall from cues: random states, flipped neurons, a text with letters struck out, halves of pictures."""

from __future__ import annotations

import numpy as np

from spikingsampling.analysis import estimate_mean
from spikingsampling.data.types import IMAGE_SHAPE
from spikingsampling.models.hopfield.network import Hopfield
from spikingsampling.models.hopfield.patterns import LECTURE_LINES, LECTURE_STRUCK, corrupt, digit_patterns
from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield.configuration import HopfieldConfiguration
from spikingsampling.protocols.studies.hopfield.figures import RULE_NAMES, plot_lines
from spikingsampling.protocols.studies.hopfield.interference import COMPARED_RULES
from spikingsampling.protocols.studies.hopfield.measures import same_states
from spikingsampling.protocols.studies.hopfield.outcome import PART, Outcome, Streams, repeat

__all__ = ["annealing", "basins", "pictures", "text"]


def annealing(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Random states end more often in a stored pattern with noise that falls to none (lecture 4, solution 2)."""
    outcome, name, count = Outcome(), "noise.recalled.T_", max(2, round(0.02 * c.neurons))
    results = repeat(
        outcome,
        name,
        c.temperatures,
        lambda t, seed: experiments.annealed_recall(c.neurons, count, t, seed),
        streams(name).spawn(c.repetitions),
        PART,
    )
    label = f"temperature at the start, N = {c.neurons}"
    outcome.add_figure(
        "noise",
        "Noise that falls to none during recall leads out of false memories.",
        plot_lines,
        c.temperatures,
        {f"{count} patterns": results},
        label,
        "part of the random states that end in a pattern",
    )
    return outcome


def basins(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """How many flipped neurons recall tolerates."""
    outcome, curves = Outcome(), {}
    for alpha in c.basin_alphas:
        seeds = streams(f"basin {alpha:g}").spawn(c.repetitions)
        runs = np.array(
            [experiments.recalled_after_flips(c.neurons, alpha, c.flipped, seed) for seed in seeds]
        )
        curves[f"α = {alpha:g}"] = runs
        for part, values in zip(c.flipped, runs.T, strict=True):
            outcome.metrics[f"basin.alpha_{alpha:g}.flipped_{part:g}"] = estimate_mean(values, PART)
    label = f"part of the neurons flipped, N = {c.neurons}"
    outcome.add_figure(
        "basins",
        "How many flipped neurons recall tolerates, by load α.",
        plot_lines,
        c.flipped,
        curves,
        label,
        "part of the patterns recalled",
    )
    return outcome


def text(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """The sentence of lecture 1 with its letters struck out, and with other parts of its letters struck out."""
    outcome, curves = Outcome(), {}
    for rule in ("hebb", "projection"):
        restored, read = experiments.completed_letters(
            rule, LECTURE_LINES, LECTURE_STRUCK, streams(f"text {rule}")
        )
        outcome.metrics[f"text.{rule}.lecture"] = restored
        outcome.texts[f"text_{rule}.txt"] = "\n".join(read) + "\n"
        name = f"text.{rule}.struck_"
        curves[RULE_NAMES[rule]] = repeat(
            outcome,
            name,
            c.struck,
            lambda part, seed, rule=rule: experiments.completed_letters(rule, LECTURE_LINES, part, seed)[0],
            streams(name).spawn(c.repetitions),
            PART,
        )
    outcome.add_figure(
        "text",
        "The sentence of lecture 1 with letters struck out, completed by the network.",
        plot_lines,
        c.struck,
        curves,
        "part of the letters struck out",
        "part of these restored",
    )
    return outcome


def pictures(c: HopfieldConfiguration, streams: Streams) -> Outcome:
    """Ten digits, one image each: half of the image off, or a quarter of the pixels flipped."""
    outcome, rng = Outcome(), np.random.default_rng(streams("pictures"))
    stored = digit_patterns(c.data, range(10), 1)
    half = stored.copy().reshape(-1, *IMAGE_SHAPE)
    half[:, IMAGE_SHAPE[0] // 2 :] = -1
    cues = {"lower half off": half.reshape(stored.shape), "25 % flipped": corrupt(stored, 0.25, rng)}
    rows = [("stored", list(stored.reshape(-1, *IMAGE_SHAPE)))]
    for name, cue in cues.items():
        rows.append((name, list(cue.reshape(-1, *IMAGE_SHAPE))))
        for rule in COMPARED_RULES:
            ends = Hopfield(stored.shape[1], rule=rule).store(stored).recall(cue, random_state=rng)
            rows.append((f"after recall, {RULE_NAMES[rule]}", list(ends.reshape(-1, *IMAGE_SHAPE))))
            key = f"pictures.{rule}.{name.replace(' %', '').replace(' ', '_')}"
            outcome.metrics[key] = same_states(ends, stored)
    outcome.add_figure(
        "completion",
        "Digits with their lower half off or pixels flipped, completed by each rule.",
        plot_pictures,
        rows,
    )
    return outcome
