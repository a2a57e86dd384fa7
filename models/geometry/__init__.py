"""Learning in dual spaces: linear regression and a recurrent network, both trained by mirror descent."""

from .descent import MirrorDescent, cosine
from .recurrent import RecurrentClassifier, train
from .regression import correlated_inputs, dual_change, fit, interpolation, log_normal_weights

__all__ = [
    "MirrorDescent",
    "RecurrentClassifier",
    "correlated_inputs",
    "cosine",
    "dual_change",
    "fit",
    "interpolation",
    "log_normal_weights",
    "train",
]
