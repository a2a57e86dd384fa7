"""Damaged files of every format that is read: only clear errors, no crash, no hang, no more than 1 GiB of memory.

``PYTHONPATH=tests python -m helpers.fuzz FORMAT N [FIRST]`` mutates a valid file N times and prints the figures. Input
number ``i`` is the same each time; FIRST is the number of the first one. The files are read by a process of its own,
so that a crash or a hang inside of a library is counted, too.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from spikingsampling.errors import SpikingSamplingError

__all__ = ["FORMATS", "fuzz"]

LIMIT = 2**30  # bytes of address space
PATIENCE = 10.0  # s of processor time, for what takes some ms
EXTREMES = (b"\xff" * 8, b"\0" * 8, b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\x01\0\0\0\0\0\0\x40")
TOKENS = (b"[", b"{", b'"', b"1e999", b"-1", b"null", b"true", b"\n", b"=", b"'''", b"\xff", b"9" * 40)


def mutate(whole: bytes, number: int) -> bytes:
    """Input ``number`` made from a valid file: some bytes, words or pieces replaced, moved or left out."""
    rng, data = random.Random(number), bytearray(whole)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6, 12))):
        place = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0:
                data[place : place + 1] = rng.randbytes(1)
            case 1:
                word = rng.choice(EXTREMES)
                data[place : place + len(word)] = word
            case 2:
                source = rng.randrange(len(whole))
                piece = whole[source : source + rng.choice((8, 64))]
                data[place : place + len(piece)] = piece
            case 3 if data:
                data[place % len(data)] ^= 1 << rng.randrange(8)
            case 4:
                data[place:place] = rng.choice(TOKENS)
            case 5:
                del data[place : place + rng.choice((1, 8))]
            case _:
                piece = rng.randbytes(rng.choice((2, 8)))
                data[place : place + len(piece)] = piece
    return bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.1 else data)


def _recording(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from helpers.runs.recording_samples import simulate
    from spikingsampling.recording.reading import open_recording

    simulate(folder / "run", 2)

    def read(path: Path) -> None:
        with open_recording(path) as recording:
            for index in range(len(recording.segments)):
                recording.record(index)
            recording.presentations  # noqa: B018
            for name in recording.projections:
                recording.matrix(name, "w")
                recording.theta(name, slice(None))

    return (folder / "run" / "recording.h5").read_bytes(), read


def _checkpoint(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from helpers.runs.recording_samples import simulate
    from spikingsampling.recording.pieces import load_checkpoint

    simulate(folder / "run", 1, finish=False)
    return (folder / "run" / "checkpoint.npz").read_bytes(), load_checkpoint


def _journal(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from helpers.runs.recording_samples import simulate
    from spikingsampling.files import load_arrays
    from spikingsampling.recording.pieces import load_segment
    from spikingsampling.recording.record import from_text

    simulate(folder / "run", 2, finish=False)
    path = folder / "run" / "journal" / "000001.npz"
    name = from_text(load_arrays(path)["run"])
    return path.read_bytes(), lambda path: load_segment(path, 1, name)


def _config(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from helpers.runs.toy_runs import Configuration
    from spikingsampling.experiment.configuration import RunFile

    RunFile("toy", "quick", Configuration().to_mapping()).write(folder / "x", Configuration)
    return (folder / "x").read_bytes(), lambda path: RunFile.read(path).configure(Configuration)


def _metrics(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from helpers.runs.report_runs import METRICS
    from spikingsampling.experiment.metrics import curves, scalars
    from spikingsampling.experiment.run_files import read_metrics

    def read(path: Path) -> None:
        metrics = read_metrics(path.parent) or {}
        scalars(metrics), curves(metrics)

    return json.dumps(METRICS, indent=2).encode(), read


def _elapsed(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from spikingsampling.experiment.run_files import read_elapsed

    return b'{"wall_seconds": 12.25, "cpu_seconds": 3.5}\n', lambda path: read_elapsed(path.parent)


def _idx(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    from spikingsampling.data.mnist import parse_idx

    head = b"".join(n.to_bytes(4, "big") for n in (2051, 3, 28, 28))
    return head + bytes(range(256)) * 9 + bytes(48), lambda path: parse_idx(path.read_bytes(), 3, "images")


def _wav(folder: Path) -> tuple[bytes, Callable[[Path], Any]]:
    import warnings

    import librosa
    import soundfile

    from spikingsampling.data.wav import read_wav

    warnings.simplefilter("ignore")
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 400)
    soundfile.write(folder / "x.wav", sound, 8000, subtype="PCM_16")
    librosa.resample(sound, orig_sr=8000, target_sr=4000)  # compiles, which takes seconds

    def read(path: Path) -> None:
        with path.open("rb") as file:  # another rate is converted, which takes long and reads nothing
            stated = int.from_bytes(file.read(28)[24:28], "little")
        read_wav(path, stated if 0 < stated < 10**6 else 8000)

    return (folder / "x.wav").read_bytes(), read


#: What is tried, and the name of the file.
FORMATS = {
    "recording": (_recording, "x.h5"),
    "checkpoint": (_checkpoint, "checkpoint.npz"),
    "journal": (_journal, "000001.npz"),
    "config": (_config, "config.toml"),
    "metrics": (_metrics, "metrics.json"),
    "elapsed": (_elapsed, "elapsed.json"),
    "idx": (_idx, "images"),
    "wav": (_wav, "x.wav"),
}


def _work(form: str, first: int, stop: int) -> None:
    """Read inputs and tell the number of each before; what ends this process is found by its parent."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        make, name = FORMATS[form]
        whole, read = make(Path(folder))
        (Path(folder) / "input").mkdir()
        path = Path(folder) / "input" / name
        path.write_bytes(whole)
        read(path)
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
        # Processor time, so that a busy machine makes no hang; the signal ends loops inside of a library, too.
        faulthandler.register(signal.SIGPROF, chain=True)
        accepted, wrong = 0, []
        for number in range(first, stop):
            path.write_bytes(mutate(whole, number))
            print(number, flush=True)
            signal.setitimer(signal.ITIMER_PROF, PATIENCE)
            try:
                read(path)
                accepted += 1
            except SpikingSamplingError:
                pass
            except Exception as error:
                wrong.append(f"{number}: {type(error).__name__}: {error}"[:300])
        signal.setitimer(signal.ITIMER_PROF, 0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            json.dumps({"accepted": accepted, "wrong": wrong[:20], "n_wrong": len(wrong), "peak_mib": peak})
        )


def fuzz(form: str, n: int, first: int = 0) -> dict[str, Any]:
    """Try ``n`` inputs of a format.

    Returns
    -------
    dict
        ``inputs``, how many were ``accepted``, ``wrong`` errors, ``crashes`` and ``hangs`` with their numbers, and the
        peak of resident memory (MiB).
    """
    figures: dict[str, Any] = {"format": form, "inputs": n, "accepted": 0, "n_wrong": 0, "wrong": []}
    figures |= {"crashes": [], "hangs": [], "peak_mib": 0}
    at, stop = first, first + n
    while at < stop:
        end = min(stop, at + 20_000)
        command = [sys.executable, "-m", "helpers.fuzz", "--work", form, str(at), str(end)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            code = subprocess.run(command, stdout=out, stderr=err, env=environment).returncode
            out.seek(0), err.seek(0)
            lines, trace = out.read().splitlines(), err.read()
        if code == 0:
            part = json.loads(lines[-1])
            figures["peak_mib"] = max(figures["peak_mib"], part["peak_mib"])
            for name in ("accepted", "n_wrong", "wrong"):
                figures[name] += part[name]
            at = end
        else:
            assert lines, trace
            figures["hangs" if code == -signal.SIGPROF else "crashes"].append(f"{lines[-1]}: {trace[-600:]}")
            at = int(lines[-1]) + 1
    return figures


if __name__ == "__main__":
    if sys.argv[1] == "--work":
        _work(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        print(json.dumps(fuzz(sys.argv[1], *map(int, sys.argv[2:])), indent=1))
