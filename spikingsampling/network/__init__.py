"""What a network is: description, constants, equations, rules, state, lesions; and the NumPy reference."""

from .description import Network, Pathway, Population, Projection, Source, all_to_all, connect
from .lesions import Lesion, NeuronLesion, SynapseLesion
from .parameters import CircuitParameters
from .rules import LEARNING_MODES, Learning, Rule, STDPRule, SynapticSampling
from .state import State, initial_state
from .timing import Timing

__all__ = [
    "LEARNING_MODES",
    "CircuitParameters",
    "Learning",
    "Lesion",
    "Network",
    "NeuronLesion",
    "Pathway",
    "Population",
    "Projection",
    "Rule",
    "STDPRule",
    "Source",
    "State",
    "SynapseLesion",
    "SynapticSampling",
    "Timing",
    "all_to_all",
    "connect",
    "initial_state",
]
