"""Restricted Boltzmann machines with synaptic sampling, and deep belief networks."""

from spikingsampling.models.rbm.classifier import DeepBeliefClassifier, contrastive_machine
from spikingsampling.models.rbm.deep import DeepBeliefNetwork, NaiveTwoLayers
from spikingsampling.models.rbm.learning import LearningRule, Machine, Streams, learn
from spikingsampling.models.rbm.likelihood import (
    LogPartition,
    annealed_log_partition,
    exact_gradient,
    exact_log_partition,
    free_energy,
    hidden_states,
)
from spikingsampling.models.rbm.machine import RBM

__all__ = [
    "RBM",
    "DeepBeliefClassifier",
    "DeepBeliefNetwork",
    "LearningRule",
    "LogPartition",
    "Machine",
    "NaiveTwoLayers",
    "Streams",
    "annealed_log_partition",
    "contrastive_machine",
    "exact_gradient",
    "exact_log_partition",
    "free_energy",
    "hidden_states",
    "learn",
]
