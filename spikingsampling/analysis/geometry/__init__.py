"""In which dual space a change of weights is Gaussian: ΔCDF of a change that is read through maps."""

from .changes import Reading, read_change
from .normality import delta_cdf, gaussian_bound, gaussian_floor
from .recorded import RecordedChange, change_table, recorded_changes

__all__ = [
    "Reading",
    "RecordedChange",
    "change_table",
    "delta_cdf",
    "gaussian_bound",
    "gaussian_floor",
    "read_change",
    "recorded_changes",
]
