"""Pruning and rewiring: how many connections does a perceptron need that reads handwritten digits?

A network 784-300-100-10 is trained with all its 266,200 connections and loses them, by magnitude (Han et al., NIPS
2015), by Optimal Brain Damage (LeCun, Denker & Solla, NIPS 1989) or at random: at once, at once with training after it,
or step by step. Units of its first layer go by the oracle and by what approximates it (Molchanov et al., ICLR 2017).
DEEP R (Bellec et al., ICLR 2018) never has more than 3,552 connections, and rewires; soft-DEEP R has no hard bound.

What to expect (``paper``, 5 networks; all numbers, and what of the publications holds: ``docs/results/pruning.md``):

- 0.984 with all connections; step by step by magnitude 0.978 with 2 % of them and 0.971 with 1 %.
- Optimal Brain Damage is 0.4 points worse there. Without training it is 0.1 points better down to 30 %, then worse.
- No engine is used; a resumed run begins anew. Budget: ``quick`` 150 s of one core, ``paper`` some 15 min, of which
  soft-DEEP R takes 4.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.repetitions import repetitions
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.layered import pruning as study
from spikingsampling.protocols.studies.layered.digits import N_PIXELS, load_digits
from spikingsampling.protocols.studies.layered.pruning_configuration import PARTS, PruningConfiguration
from spikingsampling.protocols.studies.layered.pruning_figures import save_figures
from spikingsampling.protocols.studies.layered.pruning_results import PruningResults
from spikingsampling.protocols.studies.layered.rewiring import learn_rewiring, rewiring_network, soft_network

__all__ = ["PROTOCOL"]

#: Descent on the few embedded images: smaller batches, and smaller steps with them.
FEW = {"batch_size": 20, "eta": 0.02, "retrain_eta": 0.01}


def prune(context: Run[PruningConfiguration], results: PruningResults, seed: np.random.SeedSequence) -> None:
    """Train a network with all its connections, and prune it in every way."""
    c, digits = context.configuration, load_digits(context.configuration.data)
    dense, *streams = (np.random.default_rng(each) for each in seed.spawn(6))
    rngs, n = dict(zip(PARTS, streams, strict=False)), c.hessian_images
    if set(c.parts) & {"one_shot", "retrained", "iterative", "units"}:
        network = study.dense(digits, c.hidden, c.descent, dense)
        results.dense.append(network.accuracy(digits.test, digits.test_labels))
        context.log.info("the whole network: accuracy %.4f", results.dense[-1])
    found = {}
    if "one_shot" in c.parts:
        found["one_shot"] = study.one_shot(network, digits, c.one_shot, n, rngs["one_shot"])
    if "retrained" in c.parts:
        found["retrained"] = study.retrained(network, digits, c.retrained, c.descent, n, rngs["retrained"])
    if "iterative" in c.parts:
        found["iterative"], layers = study.iterative(
            network, digits, c.iterative, c.descent, n, rngs["iterative"]
        )
        results.add(results.layers, layers)
    for stage, curves in found.items():
        results.add(results.pruned, {(stage, criterion): curve for criterion, curve in curves.items()})
    if "units" in c.parts:
        units, ranks = study.unit_removal(network, digits, c.removed, c.unit_images, rngs["units"])
        results.add(results.units, units)
        results.add(results.ranks, ranks)
    if "losses" in c.parts:
        losses = study.predicted_losses(digits, c.small_hidden, c.one_shot, c.descent, n, rngs["losses"])
        results.add(results.losses, losses)


def rewire(
    context: Run[PruningConfiguration], results: PruningResults, number: int, seed: np.random.SeedSequence
) -> None:
    """Let networks of few connections learn, with rewiring, without, and without a bound."""
    c, settings = context.configuration, context.configuration.rewiring
    part_seed, hard, soft = seed.spawn(3)
    digits = load_digits(c.data).part(settings.images, np.random.default_rng(part_seed))
    sizes = (N_PIXELS, *c.hidden, 10)
    networks = {}
    if "deep_r" in c.parts:
        names = {1.0: "deep_r"}
        networks = {
            names.get(factor, f"deep_r_x{factor:g}"): (hard, rewiring_network, {"factor": factor})
            for factor in settings.factors
        }
    if "without_rewiring" in c.parts:
        networks["without_rewiring"] = (hard, rewiring_network, {"rewires": False})
    if "soft_deep_r" in c.parts and number < settings.soft_repetitions:
        networks["soft_deep_r"] = (soft, soft_network, {})
    for name, (own, make, options) in networks.items():
        rng = np.random.default_rng(own)
        network = make(sizes, settings, rng, **options)
        found = learn_rewiring(network, digits, settings, rng, context.stop_if_interrupted)
        context.log.info("%s: accuracy %.4f", name, found.accuracy[-1])
        results.add(results.rewired, {name: found})


def run(context: Run[PruningConfiguration]) -> dict[str, Any]:
    """Prune, and rewire."""
    c, results = context.configuration, PruningResults()
    for number, seed in repetitions(context, c.repetitions):
        pruning_seed, rewiring_seed = seed.spawn(2)
        prune(context, results, pruning_seed)
        context.stop_if_interrupted()
        rewire(context, results, number, rewiring_seed)
    sizes = (N_PIXELS, *c.hidden, 10)
    context.draw(save_figures, results, c, sum(one * other for one, other in pairwise(sizes)))
    return results.metrics(c)


PROTOCOL = Protocol(
    configuration=PruningConfiguration,
    presets={
        "smoke": {
            "repetitions": 2,
            "hidden": [30, 20],
            "descent": FEW | {"epochs": 20, "retrain_epochs": 1, "step_epochs": 1},
            "hessian_images": 200,
            "unit_images": 200,
            "rewiring": {"n_active": [400, 60, 60], "epochs": 3},
        },
        "quick": {
            "descent": {
                "epochs": 40,
                "batch_size": 20,
                "decay": 0.95,
                "retrain_epochs": 10,
                "step_epochs": 6,
            },
            "rewiring": {"epochs": 30, "decay": 0.95},
        },
        "paper": {"data": "real"},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
