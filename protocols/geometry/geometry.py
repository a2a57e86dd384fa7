"""Geometry of plasticity: in which space do weights learn? Their change tells, if it is read through the right map.

Mirror descent moves weights in the dual space of a potential φ, φ′(w) ← φ′(w) − η ∂L/∂w. There the change is a sum
over many inputs, and Gaussian; ΔCDF says how far from it a change is (Pogodin et al., ICLR 2024). Changes that are
Gaussian in a known space, linear regression, a recurrent network on digits, a readout of spike counts, and synapses
under prior and noise alone are read through several maps. Weights that start log-normal show Dale's law.

What to expect (``quick``, seed 0; every number: ``docs/results/geometry.md``):

- The right map has ΔCDF 0.016 to 0.018 for 3404 weights in linear regression, a neighbour 0.06 to 0.28, others more.
- It has the least ΔCDF of all maps for recurrent weights and those of a readout of spike counts, too.
- Exponentiated gradient keeps all signs, and log-normal weights log-normal; gradient descent does neither.
- θ is Gaussian under prior and noise (below 0.005), weights are not (0.12 to 0.38).
- ``quick`` takes 40 s of one core.

For synaptic sampling, θ is the dual space of prior and noise, not of the likelihood: a gradient in θ = log w + θ0 moves
weights in the dual −1/w of Burg's entropy. No engine is used; a resumed run begins anew. What a recorded run shows,
``spikingsampling geometry RUN`` tells.
"""

from __future__ import annotations

from typing import Any

from spikingsampling.analysis import estimate_mean
from spikingsampling.cli import run_script
from spikingsampling.data import load_images
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.geometry import figures, regression
from spikingsampling.protocols.studies.geometry.configuration import GeometryConfiguration
from spikingsampling.protocols.studies.geometry.prior import LAGS, read_motility
from spikingsampling.protocols.studies.geometry.readings import MAPS, potential_of, summarise
from spikingsampling.protocols.studies.geometry.readout import trained_readouts
from spikingsampling.protocols.studies.geometry.recurrent import RATES, tune
from spikingsampling.protocols.studies.geometry.robustness import STARTS, TRUE, read_changes

__all__ = ["PROTOCOL"]


def robustness(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """Changes that are Gaussian in a known space, read through 21 maps."""
    c = context.configuration
    metrics: dict[str, Any] = {}
    curves: dict[str, dict[str, Any]] = {}
    for start in STARTS:
        curves[start] = {}
        for true in TRUE:
            rng = context.rng(f"robustness, {start}, {true}")
            readings = read_changes(potential_of(true), start, c.n_weights, c.n_changes, rng)
            curves[start][true] = readings
            for name, metric in summarise(readings).items():
                if name in MAPS:
                    metrics[f"geometry.robustness.{start}.{true}.as_{name}"] = metric
    caption = "ΔCDF of changes that are Gaussian in one space, over the map through which they are read."
    context.draw(lambda save: save("robustness", figures.plot_robustness(curves, c.n_weights), caption))
    return metrics


def linear_regression(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """Weights trained by each potential, over their number D."""
    c = context.configuration.regression
    outcomes, by_size = {}, {}
    metrics: dict[str, Any] = {}
    for true in regression.RATES:
        context.stop_if_interrupted()
        rng = context.rng(f"linear regression, {true}")
        outcomes[true] = regression.regress(potential_of(true), c, rng)
        for d, readings in outcomes[true].items():
            by_size = summarise(readings)
            for name, metric in by_size.items():
                metrics[f"geometry.linear_regression.{true}.D_{d}.as_{name}"] = metric
        largest = max(outcomes[true])
        right = metrics[f"geometry.linear_regression.{true}.D_{largest}.as_{true}"]
        metrics[f"geometry.linear_regression.{true}.delta_cdf"] = right
    caption = "ΔCDF of the change of weights in linear regression, over their number, for each map."
    context.draw(lambda save: save("linear_regression", figures.plot_regression(outcomes), caption))
    return metrics


def dale(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """Log-normal weights after training: do they keep their signs, and are they log-normal still?"""
    c = context.configuration.regression
    metrics: dict[str, Any] = {}
    weights = {}
    for name in ("entropy", "2-norm"):
        rng = context.rng(f"Dale's law, {name}")
        outcome = regression.trained(potential_of(name), c, max(c.sizes), rng, normal=False)
        changed = estimate_mean(outcome.sign_changes(), (0.0, 1.0))
        metrics[f"geometry.dale.{name}.sign_changes"] = changed.metric()
        logs = summarise([{"log": reading} for reading in regression.log_weights(outcome.end)])["log"]
        metrics[f"geometry.dale.{name}.log_weights"] = logs
        weights[name] = outcome.start[0], outcome.end[0]
    caption = "Log-normal weights before and after training, and the logarithm of those after it."
    context.draw(lambda save: save("dale", figures.plot_dale(weights), caption))
    return metrics


def recurrent(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """Recurrent weights of a network that is fine-tuned on few images."""
    kind = context.configuration.data
    training, test = (load_images(kind, split, range(10)) for split in ("train", "test"))
    metrics: dict[str, Any] = {}
    outcomes = {}
    for true in RATES:
        tuned = tune(context, true, training, test)
        outcomes[true] = tuned.readings
        metrics[f"geometry.recurrent.{true}.accuracy"] = tuned.before
        metrics[f"geometry.recurrent.{true}.fitted"] = estimate_mean(tuned.fitted, (0.0, 1.0)).metric()
        for name, metric in summarise(tuned.readings).items():
            metrics[f"geometry.recurrent.{true}.as_{name}"] = metric
    caption = "ΔCDF of the change of recurrent weights in fine-tuning, for each map."
    context.draw(lambda save: save("recurrent", figures.plot_by_map(outcomes), caption))
    return metrics


def readout(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """A readout of spike counts, trained by each potential."""
    c, images = context.configuration, load_images(context.configuration.data, "train", range(10))
    metrics: dict[str, Any] = {}
    outcomes = {}
    for true in regression.RATES:
        context.stop_if_interrupted()
        rng = context.rng(f"readout, {true}")
        outcomes[true] = trained_readouts(potential_of(true), c.readout, images, rng)
        for name, metric in summarise(outcomes[true]).items():
            metrics[f"geometry.readout.{true}.as_{name}"] = metric
    caption = "ΔCDF of the change of a linear readout's weights, for each map."
    context.draw(lambda save: save("readout", figures.plot_by_map(outcomes), caption))
    return metrics


def motility(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """Synapses under prior and noise alone."""
    n = context.configuration.n_synapses
    by_lag = {name: read_motility(n, lag, context.rng(f"motility, {name}")) for name, lag in LAGS.items()}
    caption = "ΔCDF of the change of synapses under prior and noise alone, for each map."
    context.draw(lambda save: save("motility", figures.plot_motility(by_lag), caption))
    return {
        f"geometry.motility.{lag}.as_{name}": reading.metric()
        for lag, readings in by_lag.items()
        for name, reading in readings.items()
    }


def run(context: Run[GeometryConfiguration]) -> dict[str, Any]:
    """All experiments, the cheap ones first."""
    metrics: dict[str, Any] = {}
    for experiment in (motility, robustness, dale, readout, linear_regression, recurrent):
        context.stop_if_interrupted()
        context.log.info("%s", experiment.__name__)
        metrics |= experiment(context)
    return metrics


PROTOCOL = Protocol(
    configuration=GeometryConfiguration,
    presets={
        "smoke": {
            "n_changes": 3,
            "n_synapses": 20_000,
            "regression": {"sizes": [100, 324], "repetitions": 3},
            "readout": {"repetitions": 3},
            "recurrent": {"n_hidden": 40, "epochs": 40, "tuning_epochs": 20, "repetitions": 2},
        },
        "quick": {},
        "paper": {
            "data": "real",
            "regression": {
                "sizes": [100, 180, 324, 584, 1050, 1891, 3404, 6129, 11_035, 20_000],
                "repetitions": 30,
            },
            "readout": {"repetitions": 30},
            "recurrent": {"epochs": 30},
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
