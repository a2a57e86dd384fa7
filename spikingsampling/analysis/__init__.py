"""What the recordings say: readout, reconstruction, turnover, trajectories, recovery. NumPy, SciPy and scikit-learn."""

from .prior_turnover import PriorTurnover
from .readout import Accuracy, Readout, accuracy_of
from .reconstruction import Reconstruction, class_means, judge_reconstructions, reconstruct
from .recovery import (
    MeanInterval,
    PairedComparison,
    Recovery,
    RecoveryComparison,
    compare_paired,
    compare_recoveries,
    mean_interval,
    recovery,
    restricted_times,
)
from .selectivity import Selectivity, selectivity
from .survival_fits import SURVIVAL_LAWS, SurvivalFit, akaike_weights, fit_survival
from .turnover import Lifetimes, SurvivalCurve, SynapseHistory, Turnover

__all__ = [
    "SURVIVAL_LAWS",
    "Accuracy",
    "Lifetimes",
    "MeanInterval",
    "PairedComparison",
    "PriorTurnover",
    "Readout",
    "Reconstruction",
    "Recovery",
    "RecoveryComparison",
    "Selectivity",
    "SurvivalCurve",
    "SurvivalFit",
    "SynapseHistory",
    "Turnover",
    "accuracy_of",
    "akaike_weights",
    "class_means",
    "compare_paired",
    "compare_recoveries",
    "fit_survival",
    "judge_reconstructions",
    "mean_interval",
    "reconstruct",
    "recovery",
    "restricted_times",
    "selectivity",
]
