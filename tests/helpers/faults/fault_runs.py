"""Runs whose n-th call of the file layer fails, then goes on: what comes of it must be what an undisturbed run gives.

``python fault_runs.py ENGINE MODE STEP DIRECTORY`` is begun by ``run_with_faults``, which puts faults.c below it. It
tries every STEP-th call, from the first to the last, and prints the figures as JSON. ENGINE is ``standalone``,
``runtime`` or ``none`` (records made by hand). MODE is ``EIO`` (one call fails), ``ENOSPC`` (all that writes fails from
that call on) or ``short`` (one call writes half of its bytes).
"""

from __future__ import annotations

import collections
import ctypes
import json
import os
import shutil
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from helpers import TESTS
from helpers.runs.recording_samples import contents

MODES = {"EIO": 1, "ENOSPC": 2, "short": 3}
SOURCE = Path(__file__).with_name("faults.c")


def run_with_faults(engine: str, mode: str, step: int, directory: Path) -> dict[str, Any]:
    """Figures of all runs in a process of its own; AssertionError if one of them went wrong in silence."""
    directory.mkdir(exist_ok=True)
    library = directory / "faults.so"
    compiler = shutil.which("cc") or shutil.which("gcc") or "cc"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "FAULT_ROOTS": str(directory / "runs"),
        "PYTHONPATH": str(TESTS),
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "500",
    }
    command = [sys.executable, __file__, engine, mode, str(step), str(directory)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tiny(context: Any) -> dict[str, Any]:
    """Two segments, a lesion between them."""
    engine = os.environ["FAULT_ENGINE"]
    if engine == "none":
        from helpers.runs.recording_samples import simulate

        part = context.directory / "part"
        for n_segments in (1, 2):
            simulate(part, n_segments, finish=n_segments == 2)
            context.progress.advance(10.0)
        return {"size": len((part / "recording.h5").read_bytes())}
    from helpers.small.networks import ENGINES, FAST, small_network, small_stimuli
    from spikingsampling.network.lesions import SynapseLesion
    from spikingsampling.simulation.simulation import Simulation

    items = np.random.default_rng(3).integers(-1, 4, (2, 2, 5))
    options = {"standalone": {"segment": 20.0}, "runtime": {"segment": 1.0, "dt": 5e-3}}[engine]
    with Simulation(
        small_network(FAST),
        small_stimuli(),
        seed=context.stream("tiny"),
        engine=engine,
        directory=context.directory,
        resuming=context.resuming,
        progress=context.progress,
        after_segment=context.stop_if_interrupted,
        **options,
        **ENGINES[engine],
    ) as simulation:
        for number, (image, sound) in enumerate(items):
            if number:
                simulation.lesion(SynapseLesion(simulation.network.projections[2].name, active_only=True))
            simulation.present({"image": image, "sound": sound}, learning="sampling", name="train")
        return {"active": simulation.active_synapses}


def call(log: Path, **options: Any) -> tuple[int, str]:
    """Exit code and stderr of ``spikingsampling run`` in a child; 255 and a traceback where it crashed."""
    child = os.fork()
    if child == 0:
        code = -1
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            code = command(**options)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code & 255)
    status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status), "\n" + log.read_text()


def command(protocol: str | None = None, **options: Any) -> int:
    """The exit code of ``spikingsampling run``, called below its parser, which would take most of the time."""
    import typer

    from spikingsampling.cli.app import run
    from spikingsampling.experiment.configuration import ProtocolConfiguration
    from spikingsampling.experiment.protocol import Protocol

    at_hand = {"tiny": Protocol(ProtocolConfiguration, {"quick": {}}, tiny, name="tiny")}
    try:
        run(SimpleNamespace(obj=at_hand), protocol, no_figures=True, **options)
    except typer.Exit as left:
        return left.exit_code
    return 0


def results(run: Path) -> dict[str, Any]:
    """What must be the same: all but times, and but a journal of a finished run that could not be removed."""
    from spikingsampling.experiment.metrics import COSTS

    files: dict[str, Any] = {
        n: data for n, data in contents(run).items() if "journal.done" not in Path(n).parts
    }
    metrics = json.loads(files.pop("metrics.json"))
    for name in ("log.txt", "elapsed.json"):
        files.pop(name, None)
    return {**files, "metrics.json": {name: value for name, value in metrics.items() if name not in COSTS}}


def main(engine: str, mode: str, step: int, directory: Path) -> None:
    os.environ["FAULT_ENGINE"] = engine
    layer = ctypes.CDLL(None)
    layer.fault_count.restype = ctypes.c_long

    def plan(number: int) -> None:
        layer.fault_plan(ctypes.c_long(number), MODES[mode])

    # What is imported here the children need not import again.
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        assert command("tiny", out=directory / "first") == 0
    run, log = directory / "runs" / "run", directory / "stderr"
    run.parent.mkdir()
    new, resumed = {"protocol": "tiny", "out": run}, {"resume": run}
    plan(0)
    assert call(log, **new)[0] == 0, log.read_text()
    n_calls, reference = layer.fault_count(), results(run)
    figures: collections.Counter[str] = collections.Counter(calls=n_calls)
    for number in sorted({1, *range(step, n_calls, step), n_calls}):
        shutil.rmtree(run, ignore_errors=True)
        plan(number)
        code, said = call(log, **new)
        plan(0)
        where = f"{engine}, {mode}, call {number} of {n_calls}: {said}"
        figures["faults"] += 1
        figures["unnoticed" if code == 0 else "told"] += 1
        assert code in (0, 2), f"exit code {code}: {where}"
        assert "Traceback" not in said, where
        assert code == 0 or said.count("\nerror: ") == 1, where
        if code == 0 and (run / "metrics.json").exists():
            if "could not be removed" in said:
                figures["left over, told"] += 1
                shutil.rmtree(run / "part" / "journal.done", ignore_errors=True)  # of the engine "none"
                shutil.rmtree(run / "journal.done", ignore_errors=True)
            assert results(run) == reference, where
            continue
        again, said_again = call(log, **(resumed if (run / "config.toml").exists() else new))
        assert again in (0, 2) and "Traceback" not in said_again, f"{where}, then {said_again}"
        if again:
            figures["not resumed, told"] += 1
            assert said_again.count("\nerror: ") == 1, f"{where}, then {said_again}"
        else:
            figures["resumed"] += 1
            assert results(run) == reference, f"differs after {where}"
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
