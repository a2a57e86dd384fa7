"""Which connections and units a network can do without, and networks that rewire under a bound on connections."""

from spikingsampling.models.pruning.criteria import (
    CRITERIA,
    UNIT_CRITERIA,
    ablation_losses,
    remove_units,
    saliencies,
    unit_saliencies,
)
from spikingsampling.models.pruning.deep_r import RewiringLayer, deep_r
from spikingsampling.models.pruning.removal import fraction_kept, keep, prune_iteratively
from spikingsampling.models.pruning.soft_deep_r import SoftLayer, SoftPrior, soft_deep_r
from spikingsampling.models.pruning.sparse import SparseNetwork, Walk

__all__ = [
    "CRITERIA",
    "UNIT_CRITERIA",
    "RewiringLayer",
    "SoftLayer",
    "SoftPrior",
    "SparseNetwork",
    "Walk",
    "ablation_losses",
    "deep_r",
    "fraction_kept",
    "keep",
    "prune_iteratively",
    "remove_units",
    "saliencies",
    "soft_deep_r",
    "unit_saliencies",
]
