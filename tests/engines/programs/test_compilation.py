"""Which compiler is used, what tells its programs apart, and how it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from spikingsampling.engines.programs import compilation
from spikingsampling.engines.programs.compilation import FLAGS, compile_project, find_compiler, stops_at_once
from spikingsampling.errors import CompilerError


def script(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def fresh() -> None:
    compilation._ask.cache_clear()
    compilation._known_flags.cache_clear()


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ("g++ -std=c++17", ("g++", "-std=c++17")),
        ("launcher g++", ("launcher", "g++")),
        ("  g++  ", ("g++",)),
        ("", ("g++",)),
        ("  ", ("g++",)),
        (None, ("g++",)),
        ("'{folder}/my compiler' -O1", ("{folder}/my compiler", "-O1")),
    ],
)
def test_the_command_may_have_a_launcher_and_flags(
    given: str | None, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "launcher", 'exec "$@"')
    script(tmp_path / "my compiler", 'exec g++ "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    if given is None:
        monkeypatch.delenv("CXX", raising=False)
    else:
        monkeypatch.setenv("CXX", given.format(folder=tmp_path))
    found, identity = find_compiler()
    assert found == tuple(word.format(folder=tmp_path) for word in command)
    assert "-O3" in identity and "__GNUC__" in identity


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("no-such-launcher g++", "'no-such-launcher' was not found"),
        ("g++ 'open", r"CXX = \"g\+\+ 'open\": must be a command"),
        ("false", "CXX = 'false' does not answer to --version"),
        ("env no-such-compiler", "does not answer to --version"),
    ],
)
def test_what_is_no_compiler_is_named(given: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", given)
    with pytest.raises(CompilerError, match=f"{message}.*--engine runtime"):
        find_compiler()


def test_programs_are_told_apart_by_processor_with_every_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clang does not know ``--help=target``, and its programs stop on a processor of another kind."""
    clang = script(
        tmp_path / "clang++",
        'for a in "$@"; do case "$a" in --help=target) exit 1;; --version) echo clang 16; exit 0;; esac; done\n'
        'exec g++ "$@"',
    )
    monkeypatch.setenv("CXX", str(clang))
    here = find_compiler()[1]
    assert ("clang 16" in here and "__x86_64__" in here) or "aarch64" in here
    monkeypatch.setattr(compilation, "processor", lambda: "x86_64 another")
    assert find_compiler()[1] != here


def test_flags_that_a_compiler_does_not_know_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simple = script(
        tmp_path / "simple++",
        'for a in "$@"; do case "$a" in -march=native|-funroll-loops) exit 1;; esac; done\n'
        f'echo "$@" >> {tmp_path}/called; exec g++ "$@"',
    )
    monkeypatch.setenv("CXX", str(simple))
    command, _ = find_compiler()
    flags = " ".join(FLAGS)
    units(tmp_path, f"{flags} -funroll-loops")
    compile_project(tmp_path, command)
    assert subprocess.run([tmp_path / "main"], check=False).returncode == 0
    called = (tmp_path / "called").read_text()
    assert "-ffast-math" in called and "-march=native" not in called and "unroll" not in called


def test_only_the_main_loop_is_optimised_in_full_and_the_program_is_static(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units(tmp_path, "-O3 -funroll-loops")
    command = script(tmp_path / "noting++", f'echo "$@" >> {tmp_path}/called; exec g++ "$@"')
    compile_project(tmp_path, [str(command)])
    called = (tmp_path / "called").read_text().splitlines()
    hot, cold = (next(line for line in called if f"{unit}.cpp" in line) for unit in ("hot", "cold"))
    link = called[-1]
    assert "-O1" not in hot and "-funroll-loops" in hot
    assert cold.endswith("-O1") and "-funroll-loops" not in cold
    assert link.endswith("-static")
    assert not list(tmp_path.glob("*.o"))


def test_without_static_libraries_the_program_is_linked_as_usual(tmp_path: Path) -> None:
    units(tmp_path, "-O3")
    command = script(
        tmp_path / "shared++", 'for a in "$@"; do case "$a" in -static) exit 1;; esac; done\nexec g++ "$@"'
    )
    compile_project(tmp_path, [str(command)])
    assert subprocess.run([tmp_path / "main"], check=False).returncode == 0


def units(folder: Path, flags: str) -> None:
    """A project of two units that does nothing."""
    (folder / "makefile").write_text(f"OPTIMISATIONS = {flags}\n")
    (folder / "hot.cpp").write_text("int one() { return 1; }\n")
    (folder / "cold.cpp").write_text("int one();\nint main() { return one() - 1; }\n")


def test_ctrl_c_ends_the_compiler_and_is_no_failure_of_it(tmp_path: Path) -> None:
    """The whole foreground group gets the signal; what was started is gone, and KeyboardInterrupt is what is seen."""
    compiling = 'case "$*" in *" -c "*|"-c "*) echo $$ >> started; sleep 300 & wait;; esac'
    slow = script(tmp_path / "slow++", compiling)
    (tmp_path / "makefile").write_text("OPTIMISATIONS = -w\n")
    code = f"""
import signal
from pathlib import Path
from spikingsampling.engines.programs.compilation import compile_project, stops_at_once
signal.signal(signal.SIGINT, lambda *_: print("asked to stop"))
try:
    with stops_at_once():
        compile_project(Path({str(tmp_path)!r}), [{str(slow)!r}])
except KeyboardInterrupt:
    print("interrupted")
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").is_file() or (tmp_path / "started").read_text().count("\n") < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    compilers = [psutil.Process(int(number)) for number in (tmp_path / "started").read_text().split()]
    children = [*compilers, *(child for compiler in compilers for child in compiler.children())]
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out == "interrupted\n" and process.returncode == 0
    psutil.wait_procs(children, timeout=30)
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_the_handler_of_ctrl_c_is_given_back() -> None:
    def handle(*_: object) -> None: ...

    former = signal.signal(signal.SIGINT, handle)
    try:
        with pytest.raises(ValueError), stops_at_once():
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            raise ValueError
        assert signal.getsignal(signal.SIGINT) is handle
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as of a job in the background
        with stops_at_once():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        failed: list[Exception] = []

        def elsewhere() -> None:
            try:
                with stops_at_once():
                    pass
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert not failed
    finally:
        signal.signal(signal.SIGINT, former)
