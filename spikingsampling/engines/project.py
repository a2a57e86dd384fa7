"""The C++ project that Brian2 generates for a network, and the arguments that its program takes.

Parameters, weights, stimuli and the seed are handed to the program when it starts; only sizes, connectivity, the time
step and the form of the prior are compiled in.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..network.description import Network
from ..network.rules import Learning
from ..network.state import State, carried_variables
from ..network.timing import Timing
from .base import Array, Drive, check_drive, tables_at_start, variables_at_start
from .compilation import write_units
from .templates import chosen_templates

__all__ = ["arguments_of", "export_project", "write_project"]

# Run by the program before the first step. Brian2 compiles `seed()` in, which would repeat the same noise in every
# segment, and compiles the duration in, which would need a program for each.
_START = """
_random_generators[0].seed(strtoul(getenv("SPIKINGSAMPLING_SEED"), NULL, 10));
network.run(strtod(getenv("SPIKINGSAMPLING_DURATION"), NULL), NULL, 10.0);
"""


def write_project(
    network: Network, timing: Timing, n_frames: int, directory: Path, *, forced: bool = False
) -> dict[str, str]:
    """Generate the C++ project of a network, without compiling it.

    The program takes ``group.variable=value`` or ``group.variable=file`` arguments (file: raw array; ``=`` on
    tables as ``name.values=file``) and the environment variables ``SPIKINGSAMPLING_SEED`` and
    ``SPIKINGSAMPLING_DURATION`` (s).

    Returns
    -------
    dict
        ``"group.variable"`` → name of the file to which the program writes that variable.
    """
    import brian2 as b2
    from brian2.devices import reset_device

    from .build import build
    from .templates.device import DEVICES

    # Brian2 numbers the names of code objects that are still alive; what another network has left behind would
    # change the names of generated files.
    gc.collect()
    b2.set_device(DEVICES[chosen_templates()], build_on_run=False)
    device = b2.get_device()
    flags = b2.prefs.codegen.cpp.extra_compile_args_gcc
    try:
        device.reinit()
        device.activate(build_on_run=False)
        b2.prefs.devices.cpp_standalone.openmp_threads = 0
        b2.prefs.codegen.cpp.extra_compile_args_gcc = [*flags, "-funroll-loops"]  # the scan of the inputs
        objects = build(network, timing, n_frames=n_frames, forced=forced)
        objects.network.run(0 * b2.second)
        device.insert_code("main", _START)
        written = {f"spikes.{name}": objects.spikes.variables[name] for name in ("i", "t")}
        for name in carried_variables(network):
            group, variable = name.split(".")
            written[name] = objects.groups[group].variables[variable]
        # What our templates ask for; Brian2's write and load everything.
        device.carried = list(written.values())
        device.brought = {f"{name}_values" for name in objects.tables}
        device.build(directory=str(directory), compile=False, run=False)
        files = {name: device.get_array_filename(variable) for name, variable in written.items()}
    finally:
        b2.prefs.codegen.cpp.extra_compile_args_gcc = flags
        reset_device()
        device.reinit()
    write_units(directory)
    for name in objects.tables:  # every run brings its own
        for file in (directory / "static_arrays").glob(f"*{name}_values"):
            file.write_bytes(b"")
    return files


def arguments_of(
    folder: Path, variables: Mapping[str, float | Array], tables: Mapping[str, Array | Path]
) -> list[str]:
    """The command line that sets variables and tables; arrays are written as files into ``folder``."""
    arguments = []
    for name, value in {**variables, **{f"{name}.values": table for name, table in tables.items()}}.items():
        if isinstance(value, np.ndarray):
            path = folder / name
            np.ascontiguousarray(value, dtype=np.float64).tofile(path)
            value = path
        arguments.append(f"{name}={value!r}" if isinstance(value, float) else f"{name}={value}")
    return arguments


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
    script = directory / "run.sh"
    lines = " \\\n    ".join(["./main --results_dir results/", *relative])
    script.write_text(
        "#!/bin/sh\n"
        f"export SPIKINGSAMPLING_SEED=${{SPIKINGSAMPLING_SEED:-{seed}}}\n"
        f"export SPIKINGSAMPLING_DURATION=${{SPIKINGSAMPLING_DURATION:-{drive.duration!r}}}\n"
        f"exec {lines}\n"
    )
    return "sh run.sh"
