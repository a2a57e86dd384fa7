"""Turnover of synapses: which exist when, how long they live, what prior and noise alone would do."""

from .history import Lifetimes, SurvivalCurve, SynapseHistory, Turnover
from .prior_turnover import PriorTurnover
from .survival_fits import SURVIVAL_LAWS, SurvivalFit, akaike_weights, fit_survival

__all__ = [
    "SURVIVAL_LAWS",
    "Lifetimes",
    "PriorTurnover",
    "SurvivalCurve",
    "SurvivalFit",
    "SynapseHistory",
    "Turnover",
    "akaike_weights",
    "fit_survival",
]
