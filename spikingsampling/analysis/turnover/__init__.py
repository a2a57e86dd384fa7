"""Turnover of synapses: which are active when, how long new ones last, what prior and noise alone would do."""

from .history import SynapseHistory, Turnover
from .lifetimes import Lifetimes
from .prior_turnover import PriorTurnover
from .survival import SurvivalCurve
from .survival_fits import SURVIVAL_LAWS, SurvivalFit, fit_survival

__all__ = [
    "SURVIVAL_LAWS",
    "Lifetimes",
    "PriorTurnover",
    "SurvivalCurve",
    "SurvivalFit",
    "SynapseHistory",
    "Turnover",
    "fit_survival",
]
