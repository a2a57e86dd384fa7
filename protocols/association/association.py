"""Association of handwritten digits with spoken ones, learnt without supervision, and recall of the missing sense.

Image and sound of the same digit are presented together; the network of
:mod:`spikingsampling.models.association.network` learns by synaptic sampling. Then, with learning off, held-out
sounds alone, held-out images alone, and both. After
Kappel et al., NIPS 2015, section 4 (A), on published or embedded data.

Expected, accuracy of a linear readout on held-out items, mean ± s.d. over seeds 1, 2, 3 (600 presentations each):

=========== ================ ================ ================ ==========================================
preset      audio → visual   visual → audio   joint, visual    budget
=========== ================ ================ ================ ==========================================
real        0.959 ± 0.021    0.956 ± 0.008    0.981 ± 0.012    118 min simulated, 4 min on one core
speakers    0.952 ± 0.013    0.963 ± 0.015    0.980 ± 0.013    118 min simulated, 4 min on one core
=========== ================ ================ ================ ==========================================

``quick`` (seed 0: 0.960, 0.872, 0.972) takes 58 min simulated, 2 min on one core, and about 20 s to compile. The
95 % intervals over stimuli, which are few where there is one speaker, are in ``metrics.json``. The README lists every
seed and the search that led to these settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.engines import Drive
from spikingsampling.engines.project import export_project
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association.measures import imagine, population_selectivity, readout_metrics
from spikingsampling.models.association.network import MODALITIES
from spikingsampling.models.association.task import RecallTest, run_test
from spikingsampling.network.state import initial_state
from spikingsampling.network.timing import Timing
from spikingsampling.plotting.encoding import plot_front_ends
from spikingsampling.protocols.studies.association.configuration import (
    SMOKE,
    AssociationConfiguration,
    make_network,
    make_task,
)
from spikingsampling.protocols.studies.association.figures import save_figures
from spikingsampling.recording.settings import Recording
from spikingsampling.simulation.observation import layout_of

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(AssociationConfiguration):
    """Settings of the association protocol."""

    tests: int = Field(3, ge=1, le=1000, description="tests during training, the last one at its end")
    test: RecallTest = RecallTest()
    final_test: RecallTest = RecallTest(measure="120 s")
    recording: Recording = Recording(snapshot_period="10 min")


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, test during training and at its end, draw the figures."""
    c = context.configuration
    task = make_task(c)
    network = make_network(c, task)
    training, testing = (np.random.default_rng(context.stream(name)) for name in ("training", "testing"))
    simulation = context.simulation(
        network, task.stimuli, stream="network", segment=c.segment, recording=c.recording
    )
    rate = c.network.circuit.rho_net / c.network.circuit_size
    size = c.recording.memory(layout_of(network), _simulated_time(c), rate, c.segment)
    context.log.info("the recording takes at most %.1f MiB", size / 2**20)
    context.progress.start(_simulated_time(c), "association")
    curve = []
    with simulation:
        for number, part in enumerate(_parts(c), start=1):
            task.run(simulation, part, "train", training, learning="sampling", name="train")
            last = number == c.tests
            responses = run_test(task, simulation, c.final_test if last else c.test, testing)
            curve.append(_measure(responses, c))
            trained = sum(_parts(c)[:number])
            context.log.info("after %.0f s of training: %s", trained, _short(curve[-1]))
        theta = {p.name: simulation.theta(p.name) for p in network.projections}
        imagined = {
            name: imagine(name, task, network, theta, responses[modality], c.skip)
            for name, modality in (("audio_to_visual", "auditory"), ("visual_to_audio", "visual"))
        }
        simulation.finish()
    times = np.cumsum(_parts(c)).tolist()
    if context.figures_enabled:
        speech = c.speech("test")
        title = f"“{speech.labels[0]}”, {speech.speakers[0]} ({speech.name})"
        settings = c.stimulation.cochleagram
        figure = plot_front_ends(
            speech.waveforms[0], speech.sample_rate, settings, c.stimulation.sound_frames, title
        )
        context.save_figure(
            "front_ends", figure, "A spoken digit: its waveform, and what the front ends make of it."
        )
        save_figures(
            context.save_figure,
            task,
            network,
            theta,
            responses,
            imagined,
            list(zip(times, curve, strict=True)),
            n_channels=c.stimulation.cochleagram.n_channels,
            skip=c.skip,
        )
    metrics = dict(curve[-1])
    for name, recalled in imagined.items():
        metrics |= recalled.metrics(name)
    return metrics | {
        "active_fraction": simulation.active_synapses / network.n_synapses,
        "n_synapses": network.n_synapses,
        "simulated_seconds": simulation.time,
        "build_seconds": simulation.build_seconds,
        "learning_curve": {"seconds": times} | {name: [m[name].value for m in curve] for name in _CURVES},
    }


_CURVES = ("audio_to_visual.accuracy", "visual_to_audio.accuracy", "joint.visual_accuracy")


def _measure(responses: dict[str, Any], c: Configuration) -> dict[str, Any]:
    metrics: dict[str, Any] = {**readout_metrics(responses, c.skip)}
    for population in MODALITIES:
        for shown in ("joint", *MODALITIES):
            tuning = population_selectivity(responses[shown], population, c.skip)
            metrics[f"{shown}.{population}_selectivity"] = tuning.weighted_mean
    return metrics


def _parts(c: Configuration) -> list[float]:
    """Durations of training between tests (s), whole multiples of 10 presentations."""
    grain = 10 * c.stimulation.presentation
    parts = np.diff(np.rint(np.linspace(0, c.training / grain, c.tests + 1)) * grain)
    if not parts.all():
        raise ParameterError(
            f"tests = {c.tests}: training of {c.training:g} s is too short for so many; "
            f"at most {int(c.training / grain)}, one per {grain:g} s"
        )
    return [float(part) for part in parts]


def _simulated_time(c: Configuration) -> float:
    tests = [c.test] * (c.tests - 1) + [c.final_test]
    return sum(_parts(c)) + sum(2 * test.settle + 4 * test.measure for test in tests)


def _short(metrics: dict[str, Any]) -> str:
    return ", ".join(f"{name} {metrics[name].value:.3f}" for name in _CURVES)


def codegen(configuration: Configuration, directory: Path) -> str:
    """Write the C++ project of the network with the stimuli of its first segment."""
    c = configuration
    task = make_task(c)
    network = make_network(c, task)
    seed, training = np.random.SeedSequence(c.seed).spawn(2)
    rng = np.random.default_rng(training)
    timing = Timing(
        frame_period=task.stimuli.frame_period, segment=c.segment, delay=network.parameters.lateral_delay
    )
    items, _ = task.draw(round(c.segment / task.stimuli.presentation_period), "train", rng)
    drive = Drive(c.segment, task.stimuli.schedule(items, [source.name for source in network.sources]))
    state = initial_state(network, np.random.default_rng(seed), timing)
    return export_project(
        network, timing, task.stimuli.table(network), state, drive, "sampling", directory, c.seed % 2**32
    )


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **SMOKE,
            "tests": 1,
            "final_test": {"settle": "2 s", "measure": "10 s"},
        },
        "quick": {},
        "real": {
            "data": "real",
            "speakers": ["jackson"],
            "training": "90 min",
            "network": {"circuit": {"b": "3e-5 /s"}},
        },
        "speakers": {"data": "real", "training": "90 min", "network": {"circuit": {"b": "3e-5 /s"}}},
        "all_digits": {
            "data": "real",
            "speakers": ["jackson"],
            "digits": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            "training": "90 min",
            "network": {"circuit_size": 20, "circuit": {"b": "3e-5 /s"}},
        },
        "all_to_all": {
            "data": "real",
            "speakers": ["jackson"],
            "training": "90 min",
            "network": {
                "blocks": {"within_circuit": True, "across_circuits": True},
                "circuit": {"b": "3e-5 /s"},
            },
        },
        "streamed": {
            "data": "real",
            "speakers": ["jackson"],
            "training": "90 min",
            "stimulation": {"sound": "streamed"},
            "network": {"circuit": {"b": "3e-5 /s"}},
        },
        "paper": {
            "data": "real",
            "speakers": ["jackson"],
            "training": "8 h",
            "tests": 8,
            "network": {"circuit": {"b": "3e-5 /s"}},
        },
    },
    run=run,
    codegen=codegen,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
