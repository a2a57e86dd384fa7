"""The association network: circuits that see, circuits that hear, and synapses between them."""

from spikingsampling.models.association.measures import (
    DIRECTIONS,
    ModalityReconstruction,
    feedforward_weights,
    population_selectivity,
    readout_accuracies,
    recall_confusions,
    reconstruct_modality,
)
from spikingsampling.models.association.network import (
    AUDITORY,
    MODALITIES,
    VISUAL,
    AssociationParameters,
    LateralBlocks,
    association_network,
)
from spikingsampling.models.association.stages import (
    Annealing,
    RecallTest,
    Stage,
    anneal,
    run_stage,
    total_duration,
    training_stage,
)
from spikingsampling.models.association.stimulation import Stimulation, image_library, sound_library
from spikingsampling.models.association.task import SOURCES, AssociationTask

__all__ = [
    "AUDITORY",
    "DIRECTIONS",
    "MODALITIES",
    "SOURCES",
    "VISUAL",
    "Annealing",
    "AssociationParameters",
    "AssociationTask",
    "LateralBlocks",
    "ModalityReconstruction",
    "RecallTest",
    "Stage",
    "Stimulation",
    "anneal",
    "association_network",
    "feedforward_weights",
    "image_library",
    "population_selectivity",
    "readout_accuracies",
    "recall_confusions",
    "reconstruct_modality",
    "run_stage",
    "sound_library",
    "total_duration",
    "training_stage",
]
