"""Association of handwritten digits with spoken ones, learnt without supervision, and recall of the silent modality.

Image and sound of the same digit are presented together. The network of
:mod:`spikingsampling.models.association.network` learns by synaptic sampling. Then, with learning off, it is tested on
held-out sounds alone, held-out images alone, and both. After Kappel et al., NIPS 2015, section 4, on published or
embedded data.

What to expect: a linear readout of the silent modality's neurons names held-out digits with an accuracy of about
0.96, both modalities together with 0.98 (``real``, three seeds; chance 0.5). ``quick`` reaches 0.97 from a sound and
0.86 from an image with seed 0. ``ten_digits`` (five seeds; chance 0.1), whose images are edges of upright digits,
reaches 0.98 from a sound, 0.91 from an image and 0.97 from both; ``ten_digits_speakers``, whose sounds are spectral
edges, 0.90, 0.91 and 0.99; ``streamed`` (two digits, frames of a sound one after another) 0.99, 0.97 and 0.99. Budget
of ``real`` and ``ten_digits``: about two hours simulated, one to two minutes on one core; of ``ten_digits_speakers``:
three hours, eight minutes; of ``quick``: 58 min, half a minute. All seeds, intervals and the search for the settings:
``docs/results/association.md``.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.models.association import Annealing, RecallTest, total_duration
from spikingsampling.protocols.studies.association.configuration import (
    ONE_SPEAKER,
    SMOKE,
    AssociationConfiguration,
)
from spikingsampling.protocols.studies.association.figures import save_figures
from spikingsampling.protocols.studies.association.project import write_project
from spikingsampling.protocols.studies.association.session import AssociationExperiment
from spikingsampling.protocols.studies.association.training import (
    lateral_off_stages,
    measure_lateral_off,
    train_and_test,
    training_rounds,
)

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(AssociationConfiguration):
    """Settings of the association protocol."""

    tests: int = Field(3, ge=1, le=1000, description="tests during training, the last one at its end")
    test: RecallTest = RecallTest()
    final_test: RecallTest = RecallTest(measure="120 s")
    lateral_off: bool = Field(
        False,
        description="whether to measure at the end what each population tells with lateral synapses cut",
    )
    schedule: tuple[Annealing, ...] = Field(
        (), description="constants of the circuits that change during training, for example b"
    )


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Train, test during training and at its end, draw the figures."""
    c = context.configuration
    experiment = AssociationExperiment(context)
    rounds = training_rounds(
        c.training, c.tests, 10 * c.stimulation.presentation, c.test, c.final_test, c.schedule
    )
    alone = lateral_off_stages(c.final_test) if c.lateral_off else ()
    experiment.announce((*(stage for each in rounds for stage in each.stages), *alone), "association")
    with experiment.session("training", "testing") as session:
        trained = train_and_test(session, rounds, context.log)
        moment = session.simulation.now
    by_itself = measure_lateral_off(experiment, moment, c.final_test) if c.lateral_off else {}
    if context.figures_enabled:
        save_figures(experiment, trained)
    return trained.metrics() | {
        **by_itself,
        "active_fraction": session.simulation.active_synapses / experiment.network.n_synapses,
        "n_synapses": experiment.network.n_synapses,
        "simulated_seconds": session.simulation.time + total_duration(alone),
        "build_seconds": session.simulation.build_seconds,
    }


#: Prior and noise act more slowly than by default, for longer training.
SLOW = {"b": "3e-5 /s"}
LONG: dict[str, Any] = {"training": "90 min", "network": {"circuit": SLOW}}
#: Circuits that tell many classes, or frames of a sound, apart; how they were found: docs/results/association.md.
NORMALISED: dict[str, Any] = {
    "b": "7e-5 /s",
    "alpha": 0.06,
    "alpha_cap": 20.0,
    "adaptation": -0.15,
    "tau_adaptation_fall": "300 s",
    "tau_adaptation_rise": "100 s",
    "normaliser": True,
    "lateral_half": 10.0,
}
#: The adaptation is slow, and needs as long to find its balance when a modality falls silent.
SETTLED = {"settle": "10 min", "measure": "120 s", "fit": "300 s"}
TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
#: Images as edges of upright digits, sounds louder, silence nearly silent.
EDGES = {
    "image_front_end": "edges",
    "upright": True,
    "image_rate": "200 Hz",
    "sound_rate": "150 Hz",
    "silent_rate": "0.1 Hz",
}
#: Sounds as spectral edges, with about as many inputs as by default.
SOUND_EDGES = {
    "sound_inputs": "edges",
    "sound_frames": 12,
    "cochleagram": {"n_channels": 28},
    "sound_rate": "220 Hz",
}
#: Neurons of large circuits seldom fire together: lateral synapses learn faster, and from rarer pairs.
LATERAL = {"n_examples": 800.0, "alpha": 0.02}

PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            **SMOKE,
            "tests": 1,
            "final_test": {"settle": "2 s", "measure": "10 s"},
        },
        "quick": {},
        "real": {**ONE_SPEAKER, **LONG},
        "speakers": {"data": "real", **LONG},
        "all_digits": {
            **ONE_SPEAKER,
            **LONG,
            "digits": TEN,
            "network": {"circuit_size": 20, "circuit": SLOW},
        },
        "ten_digits": {
            **ONE_SPEAKER,
            "digits": TEN,
            "training": "80 min",
            "schedule": [{"after": "60 min", "b": "2e-5 /s"}],
            "final_test": SETTLED,
            "lateral_off": True,
            "stimulation": EDGES,
            "network": {"circuit_size": 20, "circuit": NORMALISED},
        },
        "ten_digits_speakers": {
            "data": "real",
            "digits": TEN,
            "training": "120 min",
            "schedule": [{"after": "96 min", "b": "2e-5 /s"}],
            "final_test": {**SETTLED, "fit": "600 s"},
            "lateral_off": True,
            "stimulation": {**EDGES, **SOUND_EDGES},
            "network": {
                "n_circuits": 8,
                "circuit_size": 40,
                "circuit": {**NORMALISED, "adaptation": -0.3},
                "projections": {"auditory_to_visual": LATERAL, "visual_to_auditory": LATERAL},
            },
        },
        "all_to_all": {
            **ONE_SPEAKER,
            **LONG,
            "network": {"blocks": {"within_circuit": True, "across_circuits": True}, "circuit": SLOW},
        },
        "streamed": {
            **ONE_SPEAKER,
            "training": "40 min",
            "final_test": SETTLED,
            "stimulation": {
                "sound": "streamed",
                "image_rate": "60 Hz",
                "sound_rate": "150 Hz",
                "silent_rate": "0.1 Hz",
            },
            "network": {"circuit": NORMALISED},
        },
        "paper": {**ONE_SPEAKER, **LONG, "training": "8 h", "tests": 8},
    },
    run=run,
    codegen=write_project,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
