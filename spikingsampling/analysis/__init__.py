"""What the recordings say: readout, reconstruction, turnover, trajectories, recovery. NumPy, SciPy and scikit-learn."""

from .estimates import Estimate, PairedComparison, compare_paired, estimate_mean, estimate_proportion, holm
from .phases import PhaseDecoding, decode_phases
from .power import power_of_paired_t, runs_needed, sd_interval
from .readout import Readout, accuracy_of, confusion
from .reconstruction import (
    FrontEndInverse,
    Reconstruction,
    class_means,
    invert_front_end,
    judge_reconstructions,
    reconstruct,
)
from .recovery import (
    Recovery,
    RecoveryComparison,
    compare_recoveries,
    recovery,
)
from .regions import Regions, Separation, find_regions, separation, sham_separations
from .selectivity import Selectivity, selectivity
from .trajectories import PrincipalComponents, choose_parameters, principal_components
from .turnover import (
    SURVIVAL_LAWS,
    Lifetimes,
    PriorTurnover,
    SurvivalCurve,
    SurvivalFit,
    SynapseHistory,
    Turnover,
    fit_survival,
)

__all__ = [
    "SURVIVAL_LAWS",
    "Estimate",
    "FrontEndInverse",
    "Lifetimes",
    "PairedComparison",
    "PhaseDecoding",
    "PrincipalComponents",
    "PriorTurnover",
    "Readout",
    "Reconstruction",
    "Recovery",
    "RecoveryComparison",
    "Regions",
    "Selectivity",
    "Separation",
    "SurvivalCurve",
    "SurvivalFit",
    "SynapseHistory",
    "Turnover",
    "accuracy_of",
    "choose_parameters",
    "class_means",
    "compare_paired",
    "compare_recoveries",
    "confusion",
    "decode_phases",
    "estimate_mean",
    "estimate_proportion",
    "find_regions",
    "fit_survival",
    "holm",
    "invert_front_end",
    "judge_reconstructions",
    "power_of_paired_t",
    "principal_components",
    "reconstruct",
    "recovery",
    "runs_needed",
    "sd_interval",
    "selectivity",
    "separation",
    "sham_separations",
]
