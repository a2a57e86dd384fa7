"""What two runs of the authors' own code gave, and the clusters of stimuli that they used.

The numbers are computed from `tests/fixtures/authors`, which says how these were made.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.clusters import Clusters

__all__ = ["authors_clusters", "authors_metrics"]


@cache
def _numbers() -> dict[str, Any]:
    return json.loads(files(__package__).joinpath("authors.json").read_text(encoding="utf-8"))


def authors_clusters() -> Clusters:
    """The seven clusters of their experiment."""
    return Clusters(np.array(_numbers()["means"]), np.array(_numbers()["transforms"]))


def authors_metrics() -> dict[str, NDArray[np.float64]]:
    """Their results under the names of our metrics, (n_runs,) each."""
    return {name: np.array(values) for name, values in _numbers()["metrics"].items()}
