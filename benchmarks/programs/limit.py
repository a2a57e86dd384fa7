"""The hand-written C kernel, run on a case: the limit that the simulator is measured against."""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from spikingsampling.inference.priors import GaussianPrior

from ..cases import Case
from .build import load_kernel

__all__ = ["LimitRun", "build", "simulate"]

_FIELDS = {
    ctypes.c_int32: "n_inputs n_circuits n_neurons n_presentations pattern_steps delay_steps update_steps "
    "immediate",
    ctypes.c_void_p: "schedule intervals row_runs rows column_runs columns column_position",
    ctypes.c_int64: "n_synapses",
    ctypes.c_double: "dt rho_net tau_fall tau_rise adaptation tau_adaptation_fall tau_adaptation_rise "
    "gain alpha alpha_cap theta_0 theta_floor prior_mean decay noise",
}
_RUN = np.dtype([("offset", np.int64), ("first", np.int32), ("length", np.int32)])


class _Network(ctypes.Structure):
    _fields_ = tuple((name, kind) for kind, names in _FIELDS.items() for name in names.split())


class _Recorder(ctypes.Structure):
    _fields_ = (
        ("capacity", ctypes.c_int64),
        ("count", ctypes.c_int64),
        ("step", ctypes.c_void_p),
        ("index", ctypes.c_void_p),
    )


@dataclass(frozen=True)
class LimitRun:
    """What the kernel did: spikes as arrays (step, index) in order of time, final θ by row, loop time."""

    input_spikes: tuple[NDArray[np.int32], NDArray[np.int32]]
    output_spikes: tuple[NDArray[np.int32], NDArray[np.int32]]
    theta: NDArray[np.float64]
    loop_seconds: float


def _runs(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Split each row into runs of consecutive indices: first run of each row (n_rows + 1,), and the runs."""
    starts_run = np.append(True, np.diff(indices) != 1)[: len(indices)]
    starts_run[indptr[:-1][np.diff(indptr) > 0]] = True
    offsets = np.flatnonzero(starts_run)
    runs = np.empty(len(offsets), _RUN)
    runs["offset"], runs["first"] = offsets, indices[offsets]
    runs["length"] = np.diff(np.append(offsets, len(indices)))
    return np.searchsorted(offsets, indptr), runs


def _network(case: Case) -> tuple[_Network, list[NDArray[Any]]]:
    """The C structure and the arrays that it points to, which have to outlive it."""
    p, prior = case.parameters, case.parameters.prior
    assert isinstance(prior, GaussianPrior)
    indptr, indices = case.connectivity()
    n_sources = case.n_inputs + case.n_hidden
    place = csr_array((np.arange(len(indices)), indices, indptr), shape=(case.n_hidden, n_sources)).tocsc()
    position = np.empty(len(indices), np.int32)
    position[place.data] = np.arange(len(indices))
    decay, noise = prior.transition(p.b * case.update_period, p.temperature)
    arrays = [
        case.schedule.astype(np.int32),
        1 / (np.maximum(case.rates, 1e-9) * case.dt),
        *_runs(indptr, indices),
        *_runs(place.indptr.astype(np.int64), place.indices),
        position,
    ]
    arrays = [np.ascontiguousarray(array) for array in arrays]
    values = {
        "n_inputs": case.n_inputs,
        "n_circuits": case.n_circuits,
        "n_neurons": case.n_neurons,
        "n_presentations": len(case.schedule),
        "pattern_steps": round(case.pattern_duration / case.dt),
        "delay_steps": round(p.lateral_delay / case.dt),
        "update_steps": round(case.update_period / case.dt),
        "immediate": p.psp == "immediate",
        "n_synapses": len(indices),
        "dt": case.dt,
        "gain": p.n_examples * p.b,
        "prior_mean": prior.mean,
        "decay": decay,
        "noise": noise,
    }
    for name, array in zip(_FIELDS[ctypes.c_void_p].split(), arrays, strict=True):
        values[name] = array.ctypes.data
    shared = {name: getattr(p, name) for name in _FIELDS[ctypes.c_double].split() if hasattr(p, name)}
    return _Network(**shared, **values), arrays


def _recorder(capacity: int) -> tuple[_Recorder, NDArray[np.int32]]:
    spikes = np.empty((2, capacity), np.int32)
    return _Recorder(capacity, 0, spikes[0].ctypes.data, spikes[1].ctypes.data), spikes


def _call(network: _Network, case: Case, seconds: float, seed: int, theta: Any, *recorders: Any) -> float:
    loop = ctypes.c_double()
    code = load_kernel().simulate(
        ctypes.byref(network),
        ctypes.c_int64(round(seconds / case.dt)),
        ctypes.c_uint64(seed),
        ctypes.c_void_p(theta.ctypes.data),
        *recorders,
        ctypes.byref(loop),
    )
    if code:
        short_of = "the network" if code == 1 else "the spikes under way"
        raise MemoryError(f"the C kernel has no room for {short_of}")
    return loop.value


def simulate(case: Case, seconds: float, seed: int) -> LimitRun:
    """Run the kernel from rest and record all spikes.

    Raises
    ------
    CompilerError
        No C compiler, or it failed.
    """
    network, _arrays = _network(case)
    theta = case.theta.copy()
    # mean plus ten standard deviations of the Poisson count
    means = [case.rates.max() * case.n_inputs * seconds, case.parameters.rho_net * case.n_circuits * seconds]
    (inputs, in_spikes), (outputs, out_spikes) = (_recorder(int(m + 10 * math.sqrt(m)) + 10) for m in means)
    loop = _call(network, case, seconds, seed, theta, ctypes.byref(inputs), ctypes.byref(outputs))
    recorded = [(s[0, : r.count], s[1, : r.count]) for r, s in ((inputs, in_spikes), (outputs, out_spikes))]
    return LimitRun(recorded[0], recorded[1], theta, loop)


def build(case: Case) -> Callable[[float], float]:
    """Compile and prepare; the result simulates some seconds from rest and returns the wall time of it all.

    Nothing is recorded. θ is copied before the clock starts.
    """
    network, arrays = _network(case)
    load_kernel()

    def run(seconds: float, _keep: list[NDArray[Any]] = arrays) -> float:
        theta = case.theta.copy()
        start = time.perf_counter()
        _call(network, case, seconds, 1, theta, None, None)
        return time.perf_counter() - start

    return run
