"""Parameters of all snapshots as labelled arrays (xarray), and as chains of samples (ArviZ)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ParameterError
from ...extras import require

__all__ = ["to_arviz", "to_xarray"]

_UNITS = {"theta": "1", "w": "1", "time": "s"}


def to_xarray(recording: Any, projection: str | None = None, *, time: slice = slice(None)) -> Any:
    """θ and w of all snapshots as an xarray ``Dataset`` with the dimensions ``time`` and ``synapse``.

    The coordinates are ``time`` (s) and, along ``synapse``, the neurons ``pre`` and ``post``.

    Parameters
    ----------
    projection : str, optional
        Its name; None for a ``DataTree`` of all projections, a node each.
    time : slice
        Which snapshots, from start to stop (s), both included.

    Raises
    ------
    UnknownNameError
        There is no such projection.
    MissingExtraError
        xarray is not installed.
    RecordingError
        The recording is damaged.
    """
    xarray = require("xarray", "interchange", "labelled arrays")
    if projection is not None:
        return _dataset(xarray, recording, projection, time)
    tree = xarray.DataTree.from_dict(
        {name: _dataset(xarray, recording, name, time) for name in recording.projections}
    )
    tree.attrs.update(source=str(recording.path), duration=recording.duration)
    return tree


def _dataset(xarray: Any, recording: Any, name: str, time: slice) -> Any:
    layout = recording.projection(name)
    theta, w = recording.theta(name, time), recording.w(name, time)
    times = recording.snapshot_times(name, time)
    dataset = xarray.Dataset(
        {"theta": (("time", "synapse"), theta), "w": (("time", "synapse"), w)},
        coords={
            "time": times,
            "pre": ("synapse", layout.pre_indices),
            "post": ("synapse", layout.post_indices),
        },
        attrs={"projection": name, "pre": layout.pre, "post": layout.post, "source": str(recording.path)},
    )
    for variable, unit in _UNITS.items():
        dataset[variable].attrs["units"] = unit
    dataset["theta"].attrs["long_name"] = "synaptic parameter"
    dataset["w"].attrs["long_name"] = "synaptic weight"
    return dataset


def to_arviz(
    recordings: Sequence[Any], projection: str, *, time: slice = slice(None), synapses: Any = None
) -> Any:
    """The parameters θ of a projection as chains of samples for ArviZ: one chain per recording, one draw per snapshot.

    Parameters
    ----------
    recordings : sequence of RecordingReader
        Of simulations of one network with different seeds.
    projection : str
    time : slice
        Which snapshots, from start to stop (s), both included: leave out the time before the law is stationary.
    synapses : index, optional
        Which synapses, as an index of an array (n_synapses,); all when None.

    Returns
    -------
    xarray.DataTree
        With a group ``posterior`` that holds ``theta`` with the dimensions ``chain``, ``draw``, ``synapse``, as
        arviz-stats and arviz-plots take it.

    Raises
    ------
    ParameterError
        There is no recording, or they differ in synapses or number of snapshots.
    UnknownNameError
        There is no such projection.
    MissingExtraError
        arviz-base is not installed.
    """
    if not recordings:
        raise ParameterError("recordings: must be one at least")
    arviz = require("arviz_base", "interchange", "chains for ArviZ")
    layouts = [recording.projection(projection) for recording in recordings]
    chains = [recording.theta(projection, time) for recording in recordings]
    for recording, layout, chain in zip(recordings, layouts, chains, strict=True):
        same = np.array_equal(layout.pre_indices, layouts[0].pre_indices) and np.array_equal(
            layout.post_indices, layouts[0].post_indices
        )
        if not same or chain.shape != chains[0].shape:
            raise ParameterError(
                f"recordings: {recording.path} has {chain.shape[0]} snapshots of {chain.shape[1]} synapses and "
                f"{recordings[0].path} {chains[0].shape[0]} of {chains[0].shape[1]}: must be of one network, with as "
                "many snapshots"
            )
    chosen = np.arange(len(layouts[0].pre_indices))[slice(None) if synapses is None else synapses]
    return arviz.from_dict(
        {"posterior": {"theta": np.stack(chains)[..., np.atleast_1d(chosen)].astype(np.float64)}},
        coords={"synapse": np.atleast_1d(chosen)},
        dims={"theta": ["synapse"]},
    )
