"""Figures. Every function returns a matplotlib Figure and writes nothing.

A function of one picture draws on the axes ``ax``, one of several into the ``figure`` (or part of one) that it is
given; without these it makes a figure of its own, which pyplot does not know of.
"""

from __future__ import annotations

from .._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "activity": ("plot_confusions", "plot_curves", "plot_rasters"),
        "connectivity": ("plot_connections", "plot_synapse_raster"),
        "encoding": ("plot_front_ends",),
        "pictures": ("Picture", "edge_bars", "plot_patterns", "plot_pictures"),
        "recovery": ("plot_recovery",),
        "timeline": ("Phase",),
        "trajectories": ("plot_synapse_traces", "plot_trajectory"),
        "turnover": ("plot_active", "plot_fractions", "plot_survival"),
        "weights": ("plot_changes", "plot_matrix", "plot_receptive_fields", "plot_theta"),
    },
)
