"""Association of handwritten digits with spoken ones, learnt without supervision, and recall of the missing sense.

Image and sound of the same digit are presented together; the network of :mod:`spikingsampling.models.association`
learns by synaptic sampling. Then, with learning off, held-out sounds alone, held-out images alone, and both. After
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
from spikingsampling.data import load_images, load_speech
from spikingsampling.models.association import MODALITIES, AssociationParameters, association_network
from spikingsampling.models.association_figures import save_figures
from spikingsampling.models.association_measures import imagine, population_selectivity, readout_metrics
from spikingsampling.models.association_task import AssociationTask, RecallTest, Stimulation, run_test

from spikingsampling.configuration import ProtocolConfiguration
from spikingsampling.engines import Drive, Timing, initial_state
from spikingsampling.engines.standalone import export_project
from spikingsampling.errors import ParameterError
from spikingsampling.network import Network
from spikingsampling.observation import layout_of
from spikingsampling.parameters import quantity
from spikingsampling.plotting.encoding import plot_front_ends
from spikingsampling.protocol import Protocol
from spikingsampling.recording import Recording
from spikingsampling.run import Run
from spikingsampling.simulation import Simulation
from spikingsampling.units import Time

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the association protocol."""

    digits: tuple[int, ...] = Field((1, 2), min_length=2, description="the digits to associate")
    speakers: tuple[str, ...] | None = Field(
        None, description="speakers to train and test with; none for all"
    )
    training: Time = quantity(
        "30 min", "simulated time of training", low="10 s", high="1000 h", dimension="time"
    )
    tests: int = Field(3, ge=1, le=1000, description="tests during training, the last one at its end")
    skip: Time = quantity(
        "80 ms",
        "start of each presentation that is not counted, in which the one before still acts",
        low="0 s",
        high="1 s",
        dimension="time",
    )
    segment: Time = quantity("60 s", "time between checkpoints", low="1 s", high="1 h", dimension="time")
    test: RecallTest = RecallTest()
    final_test: RecallTest = RecallTest(measure="120 s")
    stimulation: Stimulation = Stimulation()
    network: AssociationParameters = AssociationParameters()
    recording: Recording = Recording(snapshot_period="10 min")


def make_task(configuration: Configuration) -> AssociationTask:
    """Load and encode the data that a configuration names."""
    c = configuration
    return AssociationTask.make(
        c.digits,
        {split: load_images(c.data, split, c.digits) for split in ("train", "test")},
        {split: load_speech(c.data, split, c.digits, c.speakers) for split in ("train", "test")},
        c.stimulation,
    )


def make_network(configuration: Configuration, task: AssociationTask) -> Network:
    """The network that fits the stimuli of a task."""
    n_visual, n_auditory = (task.stimuli.libraries[f"{name}_input"].rates.shape[2] for name in MODALITIES)
    return association_network(configuration.network, n_visual, n_auditory)


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, test during training and at its end, draw the figures."""
    c = context.configuration
    task = make_task(c)
    network = make_network(c, task)
    training, testing = (np.random.default_rng(context.stream(name)) for name in ("training", "testing"))
    simulation = Simulation(
        network,
        task.stimuli,
        seed=context.stream("network"),
        engine=c.engine,
        segment=c.segment,
        directory=context.directory,
        resuming=context.resuming,
        recording=c.recording,
        attributes={"protocol": "association", "seed": c.seed, "configuration": c.to_toml()},
        progress=context.progress,
        after_segment=context.stop_if_interrupted,
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
        imagined = {
            name: imagine(name, task, network, simulation, responses[modality], c.skip)
            for name, modality in (("audio_to_visual", "auditory"), ("visual_to_audio", "visual"))
        }
        theta = {p.name: simulation.theta(p.name) for p in network.projections}
        simulation.finish()
    times = np.cumsum(_parts(c)).tolist()
    if context.figures_enabled:
        speech = load_speech(c.data, "test", c.digits, c.speakers)
        title = f"“{speech.labels[0]}”, {speech.speakers[0]} ({speech.name})"
        settings = c.stimulation.cochleagram
        figure = plot_front_ends(
            speech.waveforms[0], speech.sample_rate, settings, c.stimulation.sound_frames, title
        )
        context.save_figure("front_ends", figure)
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
        "learning_curve": {"seconds": times} | {name: [m[name] for m in curve] for name in _CURVES},
    }


_CURVES = ("audio_to_visual.accuracy", "visual_to_audio.accuracy", "joint.visual_accuracy")


def _measure(responses: dict[str, Any], c: Configuration) -> dict[str, Any]:
    metrics = readout_metrics(responses, c.skip)
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
    return ", ".join(f"{name} {metrics[name]:.3f}" for name in _CURVES)


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
    name="association",
    summary="Associate handwritten with spoken digits and recall one from the other",
    configuration=Configuration,
    presets={
        "smoke": {
            "training": "20 s",
            "tests": 1,
            "segment": "10 s",
            "final_test": {"settle": "2 s", "measure": "10 s"},
            "network": {"n_circuits": 2, "circuit_size": 4},
            "stimulation": {"max_images": 20},
            "recording": {"snapshot_period": "10 s"},
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
    default_preset="quick",
    run=run,
    codegen=codegen,
)

if __name__ == "__main__":
    PROTOCOL.main()
