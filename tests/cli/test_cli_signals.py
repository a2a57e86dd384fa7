"""The command line as a process: Ctrl-C once and twice, SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = """
import time
from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol

def run(context):
    (context.directory / "ready").write_text("")
    while True:
        time.sleep(0.05)
        if {polite}:
            context.stop_if_interrupted()

PROTOCOL = Protocol(ProtocolConfiguration, {{"quick": {{}}}}, run)
if __name__ == "__main__":
    run_script(PROTOCOL)
"""


def started(folder: Path, polite: bool) -> subprocess.Popen[str]:
    (folder / "toy.py").write_text(SCRIPT.format(polite=polite))
    process = subprocess.Popen(
        [sys.executable, "toy.py", "--out", "here"],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (folder / "here" / "ready").exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_ctrl_c_stops_after_the_segment_and_says_how_to_resume(tmp_path: Path) -> None:
    process = started(tmp_path, polite=True)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopping at the end of this segment" in err
    assert err.endswith("interrupted; to continue: spikingsampling run --resume here\n")
    assert "Traceback" not in err


def test_a_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    process = started(tmp_path, polite=False)
    process.send_signal(signal.SIGINT)
    # The second signal must not merge with the first one, which is acknowledged on stderr.
    assert process.stderr is not None
    assert "press Ctrl-C again" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "interrupted; to continue: spikingsampling run --resume here\n"


def test_sigterm_in_a_run_is_told_with_the_way_to_go_on(tmp_path: Path) -> None:
    process = started(tmp_path, polite=True)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert err == "stopped by SIGTERM; to continue: spikingsampling run --resume here\n"
    assert "interrupted" in (tmp_path / "here" / "log.txt").read_text()
