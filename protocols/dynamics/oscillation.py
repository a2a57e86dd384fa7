"""Oscillation: excitation against inhibition, and inhibition with a delay, beside what theory says.

Three rate models: a threshold-linear pair of an excitatory and an inhibitory population, one population that inhibits
itself after a delay, and the equations of Wilson and Cowan (Biophys J 12, 1, 1972). Where do they begin to oscillate,
how fast, and how far? Everything is deterministic: the seed changes nothing. No engine is used; a resumed run begins
anew.

What to expect (``quick``; every number: ``docs/results/oscillation.md``):

- The pair begins at w_EE = 1 + (τ_E/τ_I)(1 + w_II) = 3, with 15.915 Hz. Its cycle begins with a finite size, since only
  the threshold bounds it.
- Inhibition with a delay of 2 ms (τ = 10 ms) begins at J = 8.502, with 134.38 Hz.
- Wilson and Cowan's equations have a Hopf point at P = 1.8793. Their cycle has the period 4.996 at P = 1.25.
- Below P = 1.0873 that cycle and rest coexist, until it ends in a homoclinic orbit at P = 1.0682.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.dynamics.threshold_linear import ThresholdLinearPair
from spikingsampling.models.dynamics.wilson_cowan import WilsonCowan
from spikingsampling.protocols.studies.dynamics.oscillation_configuration import OscillationConfiguration
from spikingsampling.protocols.studies.dynamics.oscillation_excitable import cycle_branch, cycle_end
from spikingsampling.protocols.studies.dynamics.oscillation_figures import (
    plot_delays,
    plot_pair,
    plot_phase_planes,
    plot_wilson_cowan,
)
from spikingsampling.protocols.studies.dynamics.oscillation_onset import (
    delay_diagram,
    hopf_line,
    pair_diagram,
)

__all__ = ["PROTOCOL"]

#: Inputs between which Wilson and Cowan's cycle ends.
_WITHOUT_CYCLE, _WITH_CYCLE = 1.05, 1.08


def _beside(value: float, theory: float) -> dict[str, float]:
    return {"value": value, "theory": theory}


def pair(context: Run[OscillationConfiguration]) -> dict[str, Any]:
    """The threshold-linear pair: the Hopf point, the cycle beyond it, and the Hopf line."""
    c = context.configuration
    model = ThresholdLinearPair(w_ee=1.0, w_ei=c.w_ei, w_ie=c.w_ie, w_ii=c.w_ii, tau_e=c.tau_e, tau_i=c.tau_i)
    diagram, line = pair_diagram(model, c.distances), hopf_line(model, c.inhibitions)
    if context.figures_enabled:
        context.save_figure(
            "pair",
            plot_pair(model, diagram, np.column_stack([c.inhibitions, line])),
            "A threshold-linear pair of E and I: rates and frequency over w_EE, and the line on which it begins to "
            "oscillate.",
        )
    metrics = {
        "oscillation.hopf_frequency": _beside(diagram.hopf_frequency, diagram.hopf_frequency_theory),
        "oscillation.hopf_w_ee": _beside(diagram.critical, diagram.critical_theory),
    }
    for w_ii, (found, theory) in zip(c.inhibitions, line, strict=True):
        metrics[f"oscillation.hopf_w_ee.w_ii_{w_ii:g}"] = _beside(found, theory)
    metrics["oscillation.cycle"] = {
        "w_ee": diagram.strengths.tolist(),
        "frequency": diagram.frequencies.tolist(),
        "frequency_theory": diagram.theory.tolist(),
        "lowest": [cycle.low if cycle else math.nan for cycle in diagram.cycles],
        "highest": [cycle.high if cycle else math.nan for cycle in diagram.cycles],
    }
    return metrics


def delays(context: Run[OscillationConfiguration]) -> dict[str, Any]:
    """One population that inhibits itself after a delay."""
    c = context.configuration
    diagrams = {}
    for delay in c.delays:
        context.stop_if_interrupted()
        diagrams[delay] = delay_diagram(delay, c.tau_delayed, c.distances)
    if context.figures_enabled:
        context.save_figure(
            "delays",
            plot_delays(diagrams, c.tau_delayed),
            "Inhibition with a delay: rates and frequency over its strength, and frequency over the delay.",
        )
    metrics = {}
    for delay, diagram in diagrams.items():
        name = f"delay_{delay * 1e3:g}_ms"
        metrics[f"{name}.hopf_frequency"] = _beside(diagram.hopf_frequency, diagram.hopf_frequency_theory)
        metrics[f"{name}.hopf_strength"] = _beside(diagram.critical, diagram.critical_theory)
    return metrics


def wilson_cowan(context: Run[OscillationConfiguration]) -> dict[str, Any]:
    """Wilson and Cowan's equations over the external input."""
    model = WilsonCowan()
    branch = cycle_branch(model, context.configuration.inputs)
    context.stop_if_interrupted()
    end = cycle_end(model, _WITHOUT_CYCLE, _WITH_CYCLE, context.configuration.end_tolerance)
    if context.figures_enabled:
        context.save_figure(
            "wilson_cowan",
            plot_wilson_cowan(model, branch, end),
            "Wilson and Cowan's equations: fixed points and cycle over the input, its period, and how the cycle ends.",
        )
        context.save_figure(
            "phase_planes",
            plot_phase_planes(model, (1.0, (end.p + model.saddle_nodes()[0].p) / 2, 1.25)),
            "Nullclines and trajectories of Wilson and Cowan's equations: rest, rest beside a cycle, a cycle.",
        )
    hopf, nodes = model.hopf_points()[0], model.saddle_nodes()
    return {
        "wilson_cowan.hopf_input": hopf.p,
        "wilson_cowan.hopf_period": 2 * math.pi / hopf.eigenvalue.imag,
        "wilson_cowan.saddle_nodes": sorted(node.p for node in nodes),
        "wilson_cowan.cycle_end": end.p,
        "wilson_cowan.cycle_end_slope": _beside(end.slope, end.slope_theory),
        "wilson_cowan.cycle": {
            "input": branch.inputs.tolist(),
            "period": branch.periods.tolist(),
            "lowest": [cycle.low for cycle in branch.cycles],
            "highest": [cycle.high for cycle in branch.cycles],
        },
    }


def run(context: Run[OscillationConfiguration]) -> dict[str, Any]:
    """All three models."""
    metrics: dict[str, Any] = {}
    for experiment in (pair, delays, wilson_cowan):
        context.stop_if_interrupted()
        context.log.info("%s", experiment.__name__)
        metrics |= experiment(context)
    return metrics


PROTOCOL = Protocol(
    configuration=OscillationConfiguration,
    presets={
        "smoke": {
            "distances": [-0.1, 0.1, 0.3],
            "inhibitions": [0.0, 0.2],
            "delays": ["5 ms"],
            "inputs": [1.25, 1.5, 1.8],
            "end_tolerance": 1e-6,
        },
        "quick": {},
        "paper": {
            "distances": [round(-0.15 + 0.01 * k, 2) for k in range(46) if k != 15],
            "inhibitions": [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4],
            "delays": ["1 ms", "2 ms", "3 ms", "5 ms", "10 ms"],
            "inputs": [1.0685, 1.07, 1.075, *(round(1.08 + 0.02 * k, 2) for k in range(40)), 1.865, 1.87],
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
