"""The network as a first attempt in Brian2 would write it, as a C++ standalone program.

The equations are those of the model and nothing is done badly on purpose: PoissonGroup inputs, PSPs and θ as
differential equations of every synapse, the membrane potential as a summed variable, noise as ``xi``. The
winner rule is that of the simulator (a Poisson clock and Gumbel keys), since a softmax underflows with this
adaptation.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import brian2 as b2
import numpy as np
from brian2.devices import reset_device
from numpy.typing import NDArray

from spikingsampling.errors import CompilerError, EngineError
from spikingsampling.inference.priors import GaussianPrior

from ..cases import Case
from .build import FLAGS, compiler

__all__ = ["Program", "build"]

NEURONS = """
u_input : 1
u_lateral : 1
dadaptation_fall/dt = -adaptation_fall/tau_adaptation_fall : 1
dadaptation_rise/dt = -adaptation_rise/tau_adaptation_rise : 1
u = u_input + u_lateral + adaptation*(adaptation_fall - adaptation_rise) : 1
key : 1
won : boolean
"""
RESET = """
won = False
adaptation_fall += 1
adaptation_rise += 1
"""
SYNAPSES = """
dpsp_fall/dt = -psp_fall/tau_fall : 1 (clock-driven)
dpsp_rise/dt = -psp_rise/tau_rise : 1 (clock-driven)
dtheta/dt = b*(prior_mean - theta)/prior_variance + sqrt(2*temperature*b)*xi : 1 (clock-driven)
x = psp_fall - psp_rise : 1
w = exp(theta - theta_0) : 1
{potential}_post = clip(w - exp(-theta_0), 0, inf)*x : 1 (summed)
"""
ARRIVAL = """
psp_fall += 1
psp_rise += 1
"""
LEARN = "theta = clip(theta + gain*w*(x - clip(alpha*exp(w), 0, alpha_cap)), theta_floor, inf)"
DRAW = """
key_post = u_post - log(-log(1 - rand()))
best_pre = clip(key_post, best_pre, inf)
"""


MONITORS = ("input_spikes", "output_spikes")


class Program:
    """A compiled standalone program that simulates ``seconds`` from rest when called.

    Attributes
    ----------
    folder : Path
        Its build; results are in ``folder/results`` after a call.
    """

    def __init__(self, case: Case, seconds: float, seed: int = 1) -> None:
        compiler()  # one clear message instead of make's
        # The folder disappears with this object.
        self._scratch = tempfile.TemporaryDirectory(prefix="spikingsampling-naive-")
        self.folder = Path(self._scratch.name)
        # Brian2 warns that the running maximum depends on the order of execution: in C++ it is sequential.
        b2.BrianLogger.suppress_hierarchy("brian2.codegen.generators.base")
        b2.set_device("cpp_standalone", build_on_run=False)
        saved_flags = list(b2.prefs.codegen.cpp.extra_compile_args_gcc)
        b2.prefs.codegen.cpp.extra_compile_args_gcc = [*FLAGS, "-std=c++11", "-w"]
        b2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
        try:
            _network(case, seconds, seed)
            b2.device.build(directory=str(self.folder), compile=True, run=False)
        except RuntimeError as error:
            raise CompilerError(f"the naive Brian2 network did not compile: {error}") from error
        finally:
            b2.prefs.codegen.cpp.extra_compile_args_gcc = saved_flags
            b2.device.reinit()
            reset_device()

    def __call__(self) -> float:
        """Run it; the wall time of the whole process in seconds.

        Raises
        ------
        EngineError
            The program failed.
        """
        start = time.perf_counter()
        process = subprocess.run(["./main"], cwd=self.folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if process.returncode:
            raise EngineError(
                f"the naive Brian2 program ended with {process.returncode}: {process.stderr.strip()}"
            )
        return seconds

    def spike_counts(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Spikes of each input (n_inputs,) and of each hidden neuron (n_hidden,) in the last call."""
        files = [next((self.folder / "results").glob(f"_array_{name}_count_*")) for name in MONITORS]
        inputs, outputs = (np.fromfile(file, np.int32) for file in files)
        return inputs, outputs


def build(case: Case) -> Callable[[float], float]:
    """The result simulates some seconds from rest and returns the wall time of the process in seconds.

    Brian2 compiles the duration into a program, so it compiles at the first call with a new duration; the
    time of the compiler is not in the result.

    Raises
    ------
    CompilerError
        No compiler, or it failed.
    EngineError
        The program failed.
    """
    programs: dict[float, Program] = {}

    def run(seconds: float) -> float:
        if seconds not in programs:
            programs[seconds] = Program(case, seconds)
        return programs[seconds]()

    return run


def _network(case: Case, seconds: float, seed: int) -> None:
    p, prior = case.parameters, case.parameters.prior
    assert isinstance(prior, GaussianPrior)
    n_presentations = int(np.ceil(seconds / case.pattern_duration))
    presented_rates = case.rates[np.resize(case.schedule, n_presentations)]
    namespace = {
        **{name: getattr(p, name) for name in ("adaptation", "alpha", "alpha_cap", "theta_0")},
        **{name: getattr(p, name) for name in ("theta_floor", "temperature")},
        **{name: getattr(p, name) * b2.Hz for name in ("b", "rho_net")},
        **{name: getattr(p, name) * b2.second for name in ("tau_fall", "tau_rise")},
        **{name: getattr(p, name) * b2.second for name in ("tau_adaptation_fall", "tau_adaptation_rise")},
        "gain": p.n_examples * p.b,
        "prior_mean": prior.mean,
        "prior_variance": prior.sd**2,
        "stimulus": b2.TimedArray(presented_rates * b2.Hz, dt=case.pattern_duration * b2.second),
    }
    b2.seed(seed)
    b2.defaultclock.dt = case.dt * b2.second
    inputs = b2.PoissonGroup(case.n_inputs, rates="stimulus(t, i)")
    clocks = b2.NeuronGroup(
        case.n_circuits, "best : 1", threshold="rand() < rho_net*dt", reset="best = -1e300"
    )
    clocks.best = -1e300
    neurons = b2.NeuronGroup(case.n_hidden, NEURONS, threshold="won", reset=RESET, method="exact")
    draw = b2.Synapses(clocks, neurons, on_pre={"draw": DRAW, "choose": "won_post = key_post >= best_pre"})
    draw.draw.order, draw.choose.order = 0, 1
    # The winner spikes in the step of the draw, or its reset would wipe out a win in the very next step.
    draw.draw.when = draw.choose.when = "before_thresholds"
    hidden = np.arange(case.n_hidden)
    draw.connect(i=hidden // case.n_neurons, j=hidden)

    monitors = [
        b2.SpikeMonitor(group, record=False, name=name)
        for group, name in zip((inputs, neurons), MONITORS, strict=True)
    ]
    indptr, indices = case.connectivity()
    rows = np.repeat(hidden, np.diff(indptr))
    from_inputs = indices < case.n_inputs
    network = b2.Network(inputs, clocks, neurons, draw, *monitors)
    for source, potential, chosen, first in (
        (inputs, "u_input", from_inputs, 0),
        (neurons, "u_lateral", ~from_inputs, case.n_inputs),
    ):
        if not chosen.any():
            continue
        synapses = b2.Synapses(
            source,
            neurons,
            SYNAPSES.format(potential=potential),
            on_pre=ARRIVAL,
            on_post=LEARN,
            delay=p.lateral_delay * b2.second if source is neurons else None,
            method="euler",
        )
        synapses.connect(i=indices[chosen] - first, j=rows[chosen])
        synapses.theta = case.theta[chosen]
        network.add(synapses)
    network.run(seconds * b2.second, namespace=namespace)
