"""The C++ project that Brian2 generates for a network, and the arguments that its program takes.

Parameters, weights, stimuli and the seed are handed to the program when it starts; only sizes, connectivity, the time
step and the form of the prior are compiled in.
"""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EngineError
from ...network.description import Network
from ...network.rules import Learning
from ...network.state import State, carried_variables
from ...network.timing import Timing
from ..base import Array, Drive, check_drive, steps_in, tables_at_start, variables_at_start
from .compilation import write_flags, write_units
from .scratch import write_array

if TYPE_CHECKING:
    import brian2 as b2
    from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

    from ..build import BrianObjects

__all__ = [
    "REPORT",
    "arguments_of",
    "export_project",
    "number_text",
    "write_objects",
    "write_project",
]

#: How the program's last line begins: ``finished: 20000 steps, 1953 spikes``.
REPORT = "finished"

# Run by the program before the first step. Brian2 compiles `seed()` in, which would repeat the same noise in every
# segment, and compiles the duration in, which would need a program for each.
_START = """
const char *_seed_text = getenv("SPIKINGSAMPLING_SEED"), *_duration_text = getenv("SPIKINGSAMPLING_DURATION");
char *_seed_end, *_duration_end;
const unsigned long _seed = strtoul(_seed_text ? _seed_text : "", &_seed_end, 10);
const double _duration = strtod(_duration_text ? _duration_text : "", &_duration_end);
if (!_seed_text || !*_seed_text || *_seed_end || !_duration_text || !*_duration_text || *_duration_end) {
    std::cerr << "SPIKINGSAMPLING_SEED and SPIKINGSAMPLING_DURATION (s) must be numbers" << std::endl;
    return 2;
}
_random_generators[0].seed(_seed);
network.run(_duration, NULL, 10.0);
"""
# With Brian2's templates the loop asks for the time of the processor after every step, a system call that costs 6 %
# of a small network's time, and uses only the last answer.
_CLOCK_IN_LOOP = re.compile(
    r"(\n *current = std::clock\(\);\n *elapsed_realtime = [^\n]*;)(\s*\})(?=\s*Network::_globally_running = false;)"
)
# Brian2 sets the clocks of a run to 0 in the order of a set, which differs from process to process.
_CLOCKS_AT_ZERO = re.compile(r"(?:^ *_array_\w+_(?:timestep|t)\[0\] = 0(?:\.0)?;\n)+", re.MULTILINE)


def write_project(
    network: Network, timing: Timing, n_frames: int, directory: Path, *, forced: bool = False
) -> dict[str, str]:
    """Generate the C++ project of a network, without compiling it.

    The program takes ``group.variable=value`` or ``group.variable=file`` arguments (file: raw array; ``=`` on
    tables as ``name.values=file``) and the environment variables ``SPIKINGSAMPLING_SEED`` and
    ``SPIKINGSAMPLING_DURATION`` (s). Its last line says how many steps and spikes there were.

    Returns
    -------
    dict
        ``"group.variable"`` → name of the file to which the program writes that variable.
    """
    from ..build import build

    return write_objects(
        lambda: build(network, timing, n_frames=n_frames, forced=forced),
        carried_variables(network),
        directory,
    )


def write_objects(
    make: Callable[[], BrianObjects], carried: Sequence[str], directory: Path
) -> dict[str, str]:
    """Generate the C++ project of any Brian2 objects, as :func:`write_project` does.

    Parameters
    ----------
    make : callable
        Makes the objects, on the device that is active when it is called.
    carried : sequence of str
        ``"group.variable"`` of what the program writes, beside the spikes.
    """
    from ..isolation import alone

    with alone():  # until no object of Brian2 is left, whose name another thread would have to avoid
        files, tables = _generate(make, carried, directory)
    write_flags(directory)
    network_code = directory / "network.cpp"
    code = network_code.read_text(encoding="utf-8")
    network_code.write_text(_CLOCK_IN_LOOP.sub(r"\2\1", code), encoding="utf-8")
    main = directory / "main.cpp"
    code = main.read_text(encoding="utf-8")
    in_order = _CLOCKS_AT_ZERO.sub(lambda lines: "".join(sorted(lines[0].splitlines(True))), code)
    main.write_text(in_order, encoding="utf-8")
    write_units(directory)
    for name in tables:  # every run brings its own
        for file in (directory / "static_arrays").glob(f"*{name}_values"):
            file.write_bytes(b"")
    return files


def _generate(
    make: Callable[[], BrianObjects], carried: Sequence[str], directory: Path
) -> tuple[dict[str, str], list[str]]:
    """Let Brian2 write its project; the files of variables, and the names of tables."""
    import brian2 as b2

    from ..isolation import isolated, standalone_device

    device = standalone_device()
    with isolated(device, codegen__cpp__extra_compile_args=[]):
        # Brian2 numbers the names of code objects that are still alive; what another network has left behind would
        # change the names of generated files.
        gc.collect()
        objects = make()
        objects.network.run(0 * b2.second)
        device.insert_code("main", _START)
        _insert_report(device, objects.spikes)
        written = {f"spikes.{name}": objects.spikes.variables[name] for name in ("i", "t")}
        for name in carried:
            group, variable = name.split(".")
            written[name] = objects.groups[group].variables[variable]
        tables = list(objects.tables)
        # What our templates ask for; Brian2's write and load everything.
        device.carried = list(written.values())
        device.brought = {f"{name}_values" for name in tables}
        device.build(directory=str(directory), compile=False, run=False)
        files = {name: device.get_array_filename(variable) for name, variable in written.items()}
        return files, tables


def _insert_report(device: CPPStandaloneDevice, spikes: b2.SpikeMonitor) -> None:
    """Make the program say at its end how far it came, when its files are written.

    What it has done is not to be guessed from what it was told, nor from files that may be cut short.
    """
    timestep = device.get_array_name(device.defaultclock.variables["timestep"])
    neurons = device.get_array_name(spikes.variables["i"], access_data=False)
    device.insert_code(  # before Brian2 frees the arrays
        "before_end",
        f"const int64_t _steps = brian::{timestep}[0];\nconst size_t _n_spikes = brian::{neurons}.size();",
    )
    device.insert_code(
        "after_end",
        f'std::cout << "{REPORT}: " << _steps << " steps, " << _n_spikes << " spikes" << std::endl;\n'
        "if (!std::cout) return 3;",
    )


def arguments_of(
    folder: Path, variables: Mapping[str, float | Array], tables: Mapping[str, float | Array | Path]
) -> list[str]:
    """The command line that sets variables and tables; arrays of more than one value are written into ``folder``.

    Raises
    ------
    EngineError
        A value is not a number, or a file cannot be written.
    """
    arguments = []
    given: dict[str, float | Array | Path] = {name: _shortest(value) for name, value in variables.items()}
    for name, value in (given | {f"{name}.values": table for name, table in tables.items()}).items():
        if not isinstance(value, Path):
            if np.ndim(value):
                write_array(folder / name, value)
                value = folder / name
            else:
                value = number_text(name, value)
        arguments.append(f"{name}={value}")
    return arguments


def _shortest(value: float | Array) -> float | Array:
    """One number for an array of equal ones, as where all synapses are intact; its ends are looked at first."""
    numbers = np.ravel(value)
    equal = numbers.size > 0 and numbers[0] == numbers[-1] and bool((numbers == numbers[0]).all())
    return numbers[0] if equal else value


def number_text(name: str, value: Any) -> str:
    """A number as the program reads it back, bit for bit; its type (of NumPy, whole) does not matter."""
    number = float(value)
    if math.isnan(number):
        raise EngineError(f"{name} = nan: must be a number")
    # The program takes what does not begin with a digit or a minus for the name of a file.
    return repr(number) if math.isfinite(number) else "1e999" if number > 0 else "-1e999"


def export_project(
    network: Network,
    timing: Timing,
    frames: Array,
    state: State,
    drive: Drive,
    learning: Learning,
    directory: Path,
    seed: int,
) -> str:
    """Write the C++ project of a network with the input files of one segment, to be built and run by hand.

    Returns
    -------
    str
        The shell command that, inside ``directory`` and after ``make``, runs the segment. The program writes its
        arrays, raw, into ``results``; ``manifest.json`` says which file holds which variable.

    Raises
    ------
    ParameterError
        ``drive`` does not fit the network.
    """
    check_drive(drive, timing, len(frames), len(network.sources))
    files = write_project(network, timing, len(frames), directory)
    (directory / "manifest.json").write_text(json.dumps(files, indent=2))
    for folder in ("inputs", "results"):
        (directory / folder).mkdir(exist_ok=True)
    arguments = arguments_of(
        directory / "inputs",
        variables_at_start(network, state, learning, timing.update_period),
        {"frames": np.asarray(frames), **tables_at_start(network, timing, state, drive)},
    )
    relative = [argument.replace(f"{directory / 'inputs'}", "inputs") for argument in arguments]
    duration = number_text("duration", steps_in(drive, timing) * timing.dt)
    script = directory / "run.sh"
    lines = " \\\n    ".join(["./main --results_dir results/", *relative])
    script.write_text(
        "#!/bin/sh\n"
        f"export SPIKINGSAMPLING_SEED=${{SPIKINGSAMPLING_SEED:-{int(seed)}}}\n"
        f"export SPIKINGSAMPLING_DURATION=${{SPIKINGSAMPLING_DURATION:-{duration}}}\n"
        f"exec {lines}\n"
    )
    return "sh run.sh"
