"""In which dual space a change of weights is Gaussian: ΔCDF of a change that is read through maps."""

from .changes import Reading, read_change
from .normality import delta_cdf, gaussian_bound, gaussian_floor

__all__ = ["Reading", "delta_cdf", "gaussian_bound", "gaussian_floor", "read_change"]
