"""What sbatch is told about the tasks of a sweep.

Everything stands on its command line: there it goes before the user's environment, and no value needs quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ParameterError

__all__ = ["SIGNALS", "JobOptions"]

#: What tells a task to stop at the end of its segment.
SIGNALS = ("HUP", "INT", "TERM", "USR1", "USR2")


@dataclass(frozen=True)
class JobOptions:
    """Options of a job array, checked as far as the sweep itself depends on them.

    Attributes
    ----------
    partition, account, time, mem : str, optional
        As sbatch reads them.
    cpus_per_task : int, optional
    signal : str
        ``SIGNAL@SECONDS``: a task gets it so long before its time is over, and stops at the end of its segment.
    others : sequence of str
        Further options of sbatch, each as ``--name`` or ``--name=value``; they go before all but ``--array``.
    at_once : int, optional
        How many tasks may run at the same time.

    Raises
    ------
    ParameterError
        A value is wrong; it names the option of the command.
    """

    partition: str | None = None
    account: str | None = None
    time: str | None = None
    mem: str | None = None
    cpus_per_task: int | None = None
    signal: str = "USR1@60"
    others: Sequence[str] = ()
    at_once: int | None = None

    def __post_init__(self) -> None:
        for name, number in (("--workers", self.at_once), ("--cpus-per-task", self.cpus_per_task)):
            if number is not None and number < 1:
                raise ParameterError(f"{name} {number}: must be at least 1")
        for name in ("partition", "account", "time", "mem"):
            if getattr(self, name) is not None and not getattr(self, name).strip():
                raise ParameterError(f"--{name} {getattr(self, name)!r}: must not be empty")
        match = re.fullmatch(r"(?:B:)?(?:SIG)?([A-Z0-9]+)(?:@(\d+))?", self.signal)
        if not match or match[1] not in SIGNALS or int(match[2] or 0) > 65535:
            raise ParameterError(
                f"--signal {self.signal!r}: must be SIGNAL@SECONDS, with one of {', '.join(SIGNALS)} "
                "and at most 65535 s, for example USR1@60"
            )
        for option in self.others:
            if not re.fullmatch(r"--[a-z][a-z0-9-]*(=.*)?", option, re.DOTALL):
                raise ParameterError(
                    f"--sbatch {option!r}: must be one option of sbatch as --name or --name=value, "
                    "for example --sbatch=--qos=long"
                )
            if option.partition("=")[0] in ("--array", "--wrap", "--test-only", "--parsable", "--quiet"):
                raise ParameterError(
                    f"--sbatch {option!r}: the sweep itself numbers its tasks and reads the number of the job; "
                    "leave it out (nothing is submitted with --print)"
                )

    def arguments(self) -> list[str]:
        """As arguments of sbatch. The signal is for the task itself (``B:``), which passes it on to its run."""
        named = [(name, getattr(self, name)) for name in ("partition", "account", "time", "mem")]
        named.append(("cpus-per-task", self.cpus_per_task))
        given = [f"--{name}={value}" for name, value in named if value is not None]
        return [f"--signal=B:{self.signal.removeprefix('B:')}", *given, *self.others]

    def command_line(self) -> list[str]:
        """The same options as the command ``sweep`` takes them."""
        named = [(name, getattr(self, name)) for name in ("partition", "account", "time", "mem")]
        named += [("cpus-per-task", self.cpus_per_task), ("workers", self.at_once)]
        words = [f"--{name}={value}" for name, value in named if value is not None]
        signal = [] if self.signal == JobOptions.signal else [f"--signal={self.signal}"]
        return ["--scheduler=slurm", *words, *signal, *(f"--sbatch={option}" for option in self.others)]
