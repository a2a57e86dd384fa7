"""What the commands import before they answer: help, lists and completion must not wait for what they do not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from spikingsampling.cli.standins import HEAVY, settings_of, standing_in
from spikingsampling.experiment import discovery

IMPORTED = """
import json, sys
from spikingsampling import cli
try:
    cli.main(json.loads(sys.argv[1]))
except SystemExit as left:
    assert not left.code
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported(*arguments: str) -> tuple[str, set[str]]:
    """What a command prints, and the packages and modules that it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, json.dumps(arguments)], capture_output=True, text=True, check=True
    )
    modules = json.loads(done.stderr.splitlines()[-1])
    return done.stdout, {module.partition(".")[0] for module in modules} | set(modules)


def test_help_imports_no_library() -> None:
    out, modules = imported("--help")
    assert "Run a protocol, or continue a run." in out
    assert not modules & {*HEAVY, "numpy", "pydantic", "rich"}


def test_the_list_of_protocols_imports_no_library() -> None:
    out, modules = imported("list")
    assert "lesion: " in out and "smoke" in out
    assert not modules & {*HEAVY, "numpy"}


def test_settings_are_listed_without_what_only_a_run_needs() -> None:
    out, modules = imported("list", "association")
    assert "training = " in out
    assert not modules & HEAVY


LISTED = """
import json, sys
from spikingsampling.cli import standins
from spikingsampling.experiment import discovery
listed = {name: standins.settings_of(name) for name in discovery.names()}
assert not standins.HEAVY & set(sys.modules)
deep = [name for name in sys.modules if name.startswith(("spikingsampling.models.", "spikingsampling.protocols."))]
assert not [name for name in deep if "studies" in name or "models" in name], deep
from matplotlib.figure import Figure
assert Figure().subplots() is not None  # the package itself, no stand-in
print(json.dumps(listed))
"""


def test_the_settings_are_those_of_the_protocols_and_stand_ins_leave_no_trace() -> None:
    done = subprocess.run([sys.executable, "-c", LISTED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    for name in discovery.names():
        assert listed[name] == json.loads(json.dumps(discovery.load(name).parameters())), name


def test_what_is_imported_already_is_not_replaced() -> None:
    import scipy.special

    settings_of("posterior")
    assert scipy.special.expit(0.0) == 0.5


def test_stand_ins_are_taken_away_even_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), standing_in(frozenset({"nonexistent"})):
        import nonexistent.part

        assert issubclass(nonexistent.part.Base, object)
        raise ZeroDivisionError
    with pytest.raises(ModuleNotFoundError):
        import nonexistent


def complete(line: str) -> list[str]:
    """What the shell proposes for the last word of a line."""
    environment = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
        "_SPIKINGSAMPLING_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [sys.executable, "-m", "spikingsampling"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_the_shell_completes_protocols_and_presets() -> None:
    assert complete("spikingsampling run lesi") == ["lesion"]
    assert complete("spikingsampling list hop") == ["hopfield"]
    assert set(complete("spikingsampling run lesion --preset ")) == {"smoke", "quick", "paper"}
    assert complete("spikingsampling codegen association --out x --preset sm") == ["smoke"]
    assert complete("spikingsampling run nothing --preset s") == []


def test_completion_is_offered() -> None:
    assert "--install-completion" in imported("--help")[0]
