"""What the recordings say: readout, reconstruction, turnover, trajectories, recovery. NumPy, SciPy and scikit-learn."""

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
from .turnover import Lifetimes, SurvivalCurve, SynapseHistory, Turnover

__all__ = [
    "Accuracy",
    "Lifetimes",
    "MeanInterval",
    "PairedComparison",
    "Readout",
    "Reconstruction",
    "Recovery",
    "RecoveryComparison",
    "Selectivity",
    "SurvivalCurve",
    "SynapseHistory",
    "Turnover",
    "accuracy_of",
    "class_means",
    "compare_paired",
    "compare_recoveries",
    "judge_reconstructions",
    "mean_interval",
    "reconstruct",
    "recovery",
    "restricted_times",
    "selectivity",
]
