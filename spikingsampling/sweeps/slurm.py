"""The runs of a sweep as job arrays of SLURM: a task of an array does one run.

SLURM refuses indices from its ``MaxArraySize`` on, so that a long sweep is several arrays. Task ``i`` of the array that
begins at run ``n`` does run ``n + i`` of ``sweep.toml``, which never changes.

Sources: the manual pages sbatch(1), squeue(1) and scontrol(1), and "Job Array Support", https://slurm.schedmd.com.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..errors import ResumeError
from ..files import write_atomically
from .job_options import JobOptions
from .schedule import SchedulerError, ended_line
from .sweep import Sweep
from .table import Row, Status

__all__ = ["Array", "arrays", "follow", "known_queue", "print_jobs", "queued", "require_commands", "submit"]

#: In the directory of a sweep: the batch script, the jobs that may still be queued, what the tasks print.
FOLDER, SCRIPT, JOBS = "slurm", "array.sh", "jobs.json"
#: SLURM's own default, where `scontrol` does not say more.
MAX_ARRAY_SIZE = 1001
#: How often the queue is looked at (s); administrators ask for no more than a few looks a minute.
QUEUE_INTERVAL = 15.0


@dataclass(frozen=True)
class Array:
    """A job array: the number of the run that its index 0 stands for, and its indices."""

    offset: int
    indices: Sequence[int]

    @property
    def specification(self) -> str:
        """The indices as ``--array`` takes them, such as ``0-3,7``."""
        parts = []
        # Numbers that follow one another have the same distance from their places.
        for _, block in itertools.groupby(enumerate(self.indices), lambda entry: entry[1] - entry[0]):
            numbers = [index for _, index in block]
            parts.append(f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0]))
        return ",".join(parts)


def arrays(runs: Iterable[int], size: int) -> list[Array]:
    """Job arrays for the runs of these numbers, of indices below ``size``."""
    groups = itertools.groupby(sorted(runs), lambda number: number // size)
    return [Array(group * size, [number - group * size for number in numbers]) for group, numbers in groups]


def script(sweep: Sweep) -> str:
    """The batch script of every array; its argument is the number of the run that index 0 stands for, 0 if none."""
    python, directory = shlex.quote(sys.executable), shlex.quote(str(sweep.directory.resolve()))
    return (
        "#!/bin/sh\n"
        "# One run of a sweep: that of index SLURM_ARRAY_TASK_ID, counted from the run that the argument names.\n"
        f'exec {python} -m spikingsampling.cli.task {directory} "$((${{1:-0}} + SLURM_ARRAY_TASK_ID))"\n'
    )


def _commands(sweep: Sweep, runs: Iterable[int], options: JobOptions) -> list[tuple[Array, list[str]]]:
    """The command that submits each array."""
    folder = sweep.directory.resolve() / FOLDER
    at_once = "" if options.at_once is None else f"%{options.at_once}"
    output = str(folder).replace("%", "%%") + "/%A_%a.out"
    first = ["sbatch", f"--job-name={sweep.plan.protocol_name}", f"--output={output}", "--open-mode=append"]
    commands = []
    for array in arrays(runs, _largest_array()):
        last = [f"--array={array.specification}{at_once}", str(folder / SCRIPT)]
        last += [str(array.offset)] if array.offset else []
        commands.append((array, [*first, *options.arguments(), *last]))
    return commands


def _after(command: Sequence[str], job: str | None, options: JobOptions) -> list[str]:
    """The command of an array that follows another one, so that a limit of simultaneous tasks is one for all."""
    follows = job is not None and options.at_once is not None
    return [*command[:1], *([f"--dependency=afterany:{job}"] if follows else []), *command[1:]]


def _largest_array() -> int:
    """How many indices an array of this cluster may have."""
    if shutil.which("scontrol"):
        answer = _call(["scontrol", "show", "config"])
        if match := re.search(r"^MaxArraySize\s*=\s*([1-9]\d*)", answer.stdout, re.MULTILINE):
            return int(match[1])
    return MAX_ARRAY_SIZE


def _call(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)


def print_jobs(sweep: Sweep, runs: Sequence[int], options: JobOptions) -> str:
    """The batch script and the commands that :func:`submit` would use; nothing is written or submitted."""
    commands = []
    for _, command in _commands(sweep, runs, options):
        commands.append(shlex.join(_after(command, "BEFORE" if commands else None, options)))
    return "\n".join([script(sweep), *commands])


def require_commands(*names: str) -> None:
    """SchedulerError that names the first command of SLURM that is not there."""
    for name in names:
        if shutil.which(name) is None:
            raise SchedulerError(
                f"--scheduler slurm: there is no command {name} here; is this a machine from which jobs are submitted?"
            )


def submit(sweep: Sweep, runs: Sequence[int], options: JobOptions) -> list[str]:
    """Submit runs of a locked sweep.

    Returns
    -------
    list of str
        The numbers of the jobs.

    Raises
    ------
    SchedulerError
        sbatch is missing or refuses; with its own message. Arrays that it took before are named and stay queued.
    """
    require_commands("sbatch")
    folder = sweep.directory / FOLDER
    folder.mkdir(exist_ok=True)
    write_atomically(folder / SCRIPT, os.fsencode(script(sweep)))
    jobs: list[str] = []
    for array, command in _commands(sweep, runs, options):
        command = _after(command, jobs[-1] if jobs else None, options)
        answer = _call(command)
        match = re.search(r"Submitted batch job (\d+)(?: on cluster (\S+))?", answer.stdout)
        if answer.returncode or not match:
            said = "\n".join(filter(None, (answer.stderr.strip(), answer.stdout.strip())))
            before = f"; job {', '.join(jobs)} was submitted before and stays queued" if jobs else ""
            raise SchedulerError((said or f"sbatch ended with code {answer.returncode}") + before)
        jobs.append(match[1])
        record = {"job": match[1], "cluster": match[2] or "", "offset": array.offset}
        record["array"] = array.specification
        _write_jobs(sweep, [*_read_jobs(sweep), record])
    return jobs


#: What is kept of a submitted array.
_RECORD: dict[str, type[str] | type[int]] = {"job": str, "cluster": str, "offset": int, "array": str}


def _read_jobs(sweep: Sweep) -> list[dict[str, str | int]]:
    path = sweep.directory / FOLDER / JOBS
    try:
        jobs = json.loads(path.read_text(encoding="utf-8"))
        return [{name: kind(job[name]) for name, kind in _RECORD.items()} for job in jobs]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):
        raise ResumeError(
            f"{path} is damaged: delete it when nothing of the sweep is queued any more"
        ) from None


def _write_jobs(sweep: Sweep, jobs: Sequence[dict[str, str | int]]) -> None:
    text = json.dumps(jobs, indent=2) + "\n"
    write_atomically(sweep.directory / FOLDER / JOBS, text.encode())


def queued(sweep: Sweep) -> set[int]:
    """The numbers of the runs whose tasks wait or run.

    Raises
    ------
    SchedulerError
        squeue is missing or fails; with its own message.
    """
    numbers: set[int] = set()
    jobs, left = _read_jobs(sweep), []
    for job in jobs:
        require_commands("squeue")
        cluster = [f"--clusters={job['cluster']}"] if job["cluster"] else []
        command = ["squeue", "--noheader", "--array", "--format=%i", f"--jobs={job['job']}", *cluster]
        answer = _call(command)
        # SLURM forgets a job some minutes after its end.
        if answer.returncode and "invalid job id" not in answer.stderr.lower():
            said = answer.stderr.strip() or f"squeue ended with code {answer.returncode}"
            raise SchedulerError(f"the queue cannot be read: {said}")
        if indices := _indices(answer.stdout, str(job["job"]), str(job["array"])):
            numbers |= {int(job["offset"]) + index for index in indices}
            left.append(job)
    if len(left) < len(jobs):
        _write_jobs(sweep, left)
    return numbers


def known_queue(sweep: Sweep, tell: Callable[[str], None]) -> set[int]:
    """As :func:`queued`; where there is no squeue, it is told what that means, and the set is empty."""
    if _read_jobs(sweep) and shutil.which("squeue") is None:
        tell(
            "there is no squeue here: runs that are still queued are submitted again, and wait for one another"
        )
        return set()
    return queued(sweep)


def _indices(listing: str, job: str, every: str) -> set[int]:
    """Indices in what squeue prints of a job: ``7_3``, ``7_[4-6,9%2]`` of tasks that wait, ``7`` for every one."""
    found: set[int] = set()
    if re.search(rf"^\s*{job}\s*$", listing, re.MULTILINE):
        return _indices(f"{job}_[{every}]", job, every)
    for text in re.findall(rf"\b{job}_(\d+|\[[^\]\s]*\]?)", listing):
        for part in text.strip("[]").partition("%")[0].split(","):
            if match := re.fullmatch(r"(\d+)(?:-(\d+)(?::(\d+))?)?", part):
                first, last, step = match[1], match[2] or match[1], match[3] or "1"
                found |= set(range(int(first), int(last) + 1, int(step)))
    return found


def follow(
    sweep: Sweep, tell: Callable[[str], None], interval: float = 1.0, queue_interval: float = QUEUE_INTERVAL
) -> list[Row]:
    """Wait until every run is done or has failed, or nothing of the sweep is queued any more.

    Parameters
    ----------
    sweep : Sweep
    tell : callable
        Takes a line of text for each run that ends.
    interval, queue_interval : float
        Between two looks at the run directories, and at the queue (s).

    Returns
    -------
    list of Row
        Runs that are pending have ended early.

    Raises
    ------
    SchedulerError
        squeue is missing or fails.
    """
    rows = sweep.tabulate()
    next_look, n_empty = time.monotonic(), 0
    while any(row.status is Status.PENDING for row in rows):
        if time.monotonic() >= next_look:
            n_empty = 0 if queued(sweep) else n_empty + 1
            next_look = time.monotonic() + queue_interval
        pending = [index for index, row in enumerate(rows) if row.status is Status.PENDING]
        for index in pending:
            rows[index] = sweep.row(index)
            if rows[index].status is not Status.PENDING:
                sweep.write_table(rows)
                tell(ended_line(rows, index))
        if n_empty > 1:
            break  # twice: what a task wrote last may reach this machine later than the news of its end
        time.sleep(interval)
    return rows
