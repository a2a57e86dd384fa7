"""A protocol in a file of the user's: all commands follow, and a run goes on after it was killed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from spikingsampling.experiment import discovery
from spikingsampling.experiment.configuration import RunFile

#: Ends as the environment variable END says when two of four minutes are recorded.
PROTOCOL = '''"""Patterns that are learnt.

Nothing more.
"""
import os, signal
import numpy as np
import spikingsampling as ss
from beside import RATE

class Configuration(ss.ProtocolConfiguration):
    circuit: ss.CircuitParameters = ss.CircuitParameters(temperature=0.5)

def run(context):
    rng = np.random.default_rng(context.stream("stimuli"))
    inputs, neurons = ss.Source("inputs", 20), ss.Population("neurons", 1, 4)
    network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)], context.configuration.circuit)
    stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, RATE, (2, 20)), labels=np.arange(2))})
    with context.simulation(network, stimuli, stream="network") as simulation:
        for minute in range(4):
            if minute == 2 and "END" in os.environ and not simulation.replaying:
                os.kill(os.getpid(), int(os.environ.pop("END")))
            simulation.present({"inputs": rng.integers(2, size=300)}, learning="sampling")
    return {"active": simulation.active_synapses}

PROTOCOL = ss.Protocol(Configuration, {"quick": {}, "cold": {"circuit": {"temperature": 0.0}}}, run)
'''


def call(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    import os

    return subprocess.run(
        [sys.executable, "-m", "spikingsampling", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the protocol, a module beside it, and a finished run in ``whole``."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "patterns.py").write_text(PROTOCOL)
    (folder / "beside.py").write_text("RATE = 60\n")
    done = call("run", "patterns.py", "--out", "whole", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def files(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in ("recording.h5", "config.toml")}


def test_a_killed_run_resumes_to_the_same_bytes_from_anywhere(folder: Path, tmp_path: Path) -> None:
    killed = call("run", str(folder / "patterns.py"), "--out", "run", cwd=tmp_path, END="9")
    assert killed.returncode == -9
    assert files(tmp_path / "run")["recording.h5"] != files(folder / "whole")["recording.h5"]
    resumed = call("run", "--resume", str(tmp_path / "run"), cwd=Path("/"))
    assert resumed.returncode == 0, resumed.stderr
    assert files(tmp_path / "run") == files(folder / "whole")
    # The file may be named again, by any path.
    assert call("run", "patterns.py", "--resume", str(tmp_path / "run"), cwd=folder).returncode == 0


def test_the_advice_after_ctrl_c_works(folder: Path, tmp_path: Path) -> None:
    stopped = call("run", str(folder / "patterns.py"), "--out", "run", cwd=tmp_path, END="2")
    assert stopped.returncode == 130
    advice = stopped.stderr.rpartition("spikingsampling ")[2].strip()
    assert call(*shlex.split(advice), cwd=tmp_path).returncode == 0
    assert files(tmp_path / "run") == files(folder / "whole")


def test_sweep_compare_report_watch_and_list_follow(folder: Path, tmp_path: Path) -> None:
    path = str(folder / "patterns.py")
    swept = call(
        "sweep", path, "--seeds", "0:2", "--grid", "temperature=0.0,0.5", "--out", "sweep", cwd=tmp_path
    )
    assert swept.returncode == 0, swept.stderr
    assert "4 runs of patterns in sweep" in swept.stderr
    compared = call("compare", "sweep", "--metric", "active", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    same = tmp_path / "sweep" / "runs" / "0001"  # seed 0 at the temperature of the preset
    assert files(same)["recording.h5"] == files(folder / "whole")["recording.h5"]
    for of in ("sweep", str(folder / "whole")):
        assert call("report", of, "--out", "report.html", cwd=tmp_path).returncode == 0
        page = (tmp_path / "report.html").read_text()
        assert "Nothing more." in page
        (tmp_path / "report.html").unlink()
    watched = call("watch", "sweep", cwd=tmp_path)
    assert watched.returncode == 0, watched.stderr
    assert "patterns, preset quick" in watched.stdout
    assert "circuit.temperature = 0.5" in call("list", path, cwd=tmp_path).stdout


def test_a_changed_or_missing_file_is_told_before_anything_is_resumed(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "patterns.py"
    own.write_text(PROTOCOL)
    (tmp_path / "beside.py").write_text("RATE = 60\n")
    assert call("run", "patterns.py", "--out", "run", cwd=tmp_path, END="9").returncode == -9
    before = files(tmp_path / "run")
    own.write_text(PROTOCOL.replace("size=300", "size=600"))
    told = call("run", "--resume", "run", cwd=tmp_path)
    assert (told.returncode, files(tmp_path / "run")) == (2, before)
    assert f"run cannot be resumed: {own} has changed since the run began" in told.stderr
    own.unlink()
    told = call("run", "--resume", "run", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (2, f"error: protocol {own}: there is no such file\n")
    # What is finished may be read after a change.
    file = RunFile.read(folder / "whole" / "config.toml")
    assert (file.protocol, file.protocol_name) == (str(folder / "patterns.py"), "patterns")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = 1\n", "defines no PROTOCOL: it must be a Protocol of this package"),
        (
            "import no_such_module\n",
            "cannot be imported: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("def f(:\n", "cannot be imported: SyntaxError"),
        (
            PROTOCOL.replace("from beside import RATE", "RATE = 60")
            + "\nfrom spikingsampling.cli import run_script\nrun_script(PROTOCOL)\n",
            "run_script: was called while the file was imported",
        ),
    ],
)
def test_files_without_a_protocol_are_told(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(content)
    told = call("run", "mine.py", cwd=tmp_path)
    assert told.returncode == 2
    assert message in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_script_and_the_command_make_the_same_run(folder: Path, tmp_path: Path) -> None:
    script = folder / "script" / "patterns.py"
    script.parent.mkdir()
    text = PROTOCOL.replace(
        "from beside import RATE", "from spikingsampling.cli import run_script\nRATE = 60"
    )
    script.write_text(text + '\nif __name__ == "__main__":\n    run_script(PROTOCOL)\n')
    done = subprocess.run(
        [sys.executable, str(script), "--out", "run"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "run")["recording.h5"] == files(folder / "whole")["recording.h5"]
    assert RunFile.read(tmp_path / "run" / "config.toml").protocol == str(script)
    assert call("run", "--resume", "run", cwd=tmp_path).returncode == 0


def test_an_installed_package_offers_protocols_as_entry_points(folder: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "lab-1.0.dist-info").mkdir(parents=True)
    (site / "lab_patterns.py").write_text(PROTOCOL.replace("from beside import RATE", "RATE = 60"))
    (site / "lab-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n")
    points = site / "lab-1.0.dist-info" / "entry_points.txt"
    points.write_text("[spikingsampling.protocols]\nlab_patterns = lab_patterns:PROTOCOL\n")
    assert (
        "lab_patterns: Patterns that are learnt. [quick, cold]"
        in call("list", cwd=tmp_path, PYTHONPATH=str(site)).stdout
    )
    done = call("run", "lab_patterns", "--out", "run", cwd=tmp_path, PYTHONPATH=str(site))
    assert done.returncode == 0, done.stderr
    assert RunFile.read(tmp_path / "run" / "config.toml").protocol == "lab_patterns"
    points.write_text("[spikingsampling.protocols]\nposterior = lab_patterns:PROTOCOL\n")
    told = call("list", cwd=tmp_path, PYTHONPATH=str(site))
    assert told.returncode == 2
    assert "two protocols are called 'posterior'" in told.stderr


def test_references_are_names_of_what_is_installed_and_paths_of_what_is_not(folder: Path) -> None:
    assert discovery.reference_of(discovery.load("posterior")) == "posterior"
    assert discovery.reference_of(discovery.load(str(folder / "patterns.py"))) == str(folder / "patterns.py")
