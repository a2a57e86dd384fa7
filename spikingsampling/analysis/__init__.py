"""What the recordings say: readout, selectivity and reconstruction. NumPy and scikit-learn only."""

from .readout import Accuracy, Readout, accuracy_of
from .reconstruction import Reconstruction, class_means, judge_reconstructions, reconstruct
from .selectivity import Selectivity, selectivity

__all__ = [
    "Accuracy",
    "Readout",
    "Reconstruction",
    "Selectivity",
    "accuracy_of",
    "class_means",
    "judge_reconstructions",
    "reconstruct",
    "selectivity",
]
