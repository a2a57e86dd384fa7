"""A stand-in for SLURM: ``sbatch``, ``squeue`` and ``scontrol`` that run job arrays on this machine.

``python slurm_standin.py FOLDER PROGRAM …`` is one of these programs; FOLDER holds what the cluster knows:
``calls`` (the arguments of each sbatch), ``refusal`` (what sbatch says instead of taking a job), ``queue/JOB_INDEX``
(a task that waits or runs), ``held/JOB_INDEX`` (one that is not to begin yet), ``max_array_size``. The test is
the clock: when ``nearly_over`` appears, running tasks get the signal of ``--signal``; at ``over`` they are ended.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

KILL_WAIT = 2.0


def install(folder: Path) -> Path:
    """Programs that use this cluster, in a folder for PATH."""
    for name in ("queue", "held"):
        (folder / name).mkdir(parents=True)
    tools = folder / "bin"
    tools.mkdir()
    for name in ("sbatch", "squeue", "scontrol"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} {folder} {name} "$@"\n')
        tool.chmod(0o755)
    return tools


def calls(folder: Path) -> list[list[str]]:
    """The arguments of every sbatch that was called."""
    path = folder / "calls"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def indices(text: str) -> list[int]:
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def sbatch(folder: Path, arguments: list[str]) -> int:
    with (folder / "calls").open("a") as file:
        file.write(json.dumps(arguments) + "\n")
    job = 1000 + len(calls(folder))
    if (folder / "refusal").exists():
        sys.stderr.write((folder / "refusal").read_text())
        return 1
    n_options = next(i for i, text in enumerate(arguments) if not text.startswith("-"))
    options = dict(text[2:].split("=", 1) for text in arguments[:n_options])
    script = arguments[n_options:]
    spec, _, limit = options["array"].partition("%")
    if max(indices(spec)) >= max_array_size(folder):
        sys.stderr.write("sbatch: error: Batch job submission failed: Invalid job array specification\n")
        return 1
    for index in indices(spec):
        (folder / "queue" / f"{job}_{index}").touch()
    if os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        run_array(folder, job, indices(spec), int(limit or 1000), options, script)
        os._exit(0)
    print(f"Submitted batch job {job}")
    return 0


def run_array(
    folder: Path, job: int, numbers: list[int], limit: int, options: dict[str, str], script: list[str]
) -> None:
    tasks: list[tuple[int, Any, list[str]]] = []
    waiting = list(numbers)
    while waiting or tasks:
        for index in [index for index in waiting if not (folder / "held" / f"{job}_{index}").exists()]:
            if len(tasks) < limit:
                waiting.remove(index)
                if (folder / "queue" / f"{job}_{index}").exists():  # or else it was cancelled
                    tasks.append((index, begin(job, index, options["output"], script), []))
        time.sleep(0.05)
        for task in list(tasks):
            index, process, sent = task
            if process.poll() is not None:
                (folder / "queue" / f"{job}_{index}").unlink()
                tasks.remove(task)
            else:
                keep_time(folder, process, options["signal"], sent)


def begin(job: int, index: int, output: str, script: list[str]) -> Any:
    path = output.replace("%A", str(job)).replace("%a", str(index)).replace("%%", "%")
    environment = {**os.environ, "SLURM_ARRAY_TASK_ID": str(index), "SLURM_ARRAY_JOB_ID": str(job)}
    with open(path, "a") as file:
        streams = {"stdout": file, "stderr": file}
        return subprocess.Popen(["sh", *script], env=environment, cwd="/", start_new_session=True, **streams)


def keep_time(folder: Path, process: Any, option: str, sent: list[str]) -> None:
    match = re.fullmatch(r"B:([A-Z0-9]+)@(\d+)", option)
    assert match  # only the script is to get it
    if (folder / "nearly_over").exists() and "nearly" not in sent:
        sent.append("nearly")
        process.send_signal(getattr(signal, f"SIG{match[1]}"))
    if (folder / "over").exists():
        if not sent.count("over"):
            os.killpg(process.pid, signal.SIGTERM)
        elif sent.count("over") > KILL_WAIT / 0.05:
            os.killpg(process.pid, signal.SIGKILL)
        sent.append("over")


def squeue(folder: Path, arguments: list[str]) -> int:
    assert "--noheader" in arguments and "--array" in arguments and "--format=%i" in arguments
    job = next(text.partition("=")[2] for text in arguments if text.startswith("--jobs="))
    found = sorted((folder / "queue").glob(f"{job}_*"))
    if not found:
        sys.stderr.write("slurm_load_jobs error: Invalid job id specified\n")
        return 1
    print("\n".join(path.name for path in found))
    return 0


def max_array_size(folder: Path) -> int:
    path = folder / "max_array_size"
    return int(path.read_text()) if path.exists() else 1001


def scontrol(folder: Path, arguments: list[str]) -> int:
    assert arguments == ["show", "config"]
    print(f"Configuration data as of 2026-01-01\nMaxArraySize            = {max_array_size(folder)}")
    return 0


if __name__ == "__main__":
    program = {"sbatch": sbatch, "squeue": squeue, "scontrol": scontrol}[sys.argv[2]]
    sys.exit(program(Path(sys.argv[1]), sys.argv[3:]))
