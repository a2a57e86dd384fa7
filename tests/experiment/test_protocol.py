"""What a protocol is, how protocols are found, and what one gets to work with."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from spikingsampling.errors import Interrupted, ParameterError, SpikingSamplingError, UnknownNameError
from spikingsampling.experiment import discovery
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.interruption import Interruption, interruptible
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.simulation.progress import Progress, format_duration
from spikingsampling.units import Time

TOY = '''"""A toy that learns nothing.

More text.
"""
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol

{presets}

def run(context):
    return {{}}


PROTOCOL = Protocol(ProtocolConfiguration, presets={argument}, run=run)
'''


class Phase(Parameters):
    duration: Time = quantity("30 min", "length of the phase", low="0 s", dimension="time")


class Configuration(ProtocolConfiguration):
    phase: Phase = Phase()


def make(**changes: object) -> Protocol[Configuration]:
    settings = {
        "name": "toy",
        "configuration": Configuration,
        "presets": {"quick": {}, "smoke": {"seed": 5, "phase": {"duration": "1 s"}}},
        "run": lambda run: {},
    }
    return Protocol(**(settings | changes))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of protocols that is empty but for a private module."""
    folder = tmp_path / "toy_protocols"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "_private.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(discovery, "PACKAGE", "toy_protocols")
    yield folder
    for name in [name for name in sys.modules if name.startswith("toy_protocols")]:
        del sys.modules[name]


def test_precedence_is_defaults_preset_then_overrides() -> None:
    protocol = make()
    assert protocol.configure() == Configuration()
    assert protocol.configure("smoke") == Configuration(seed=5, phase=Phase(duration="1 s"))
    assert protocol.configure("smoke", {"seed": 7}, {"seed": 8}) == Configuration(
        seed=8, phase=Phase(duration=1.0)
    )


def test_an_unknown_preset_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match="unknown preset of toy 'smoek'; did you mean 'smoke'"):
        make().configure("smoek")


def test_name_summary_and_default_preset_are_derived(installed: Path) -> None:
    (installed / "toy.py").write_text(TOY.format(presets="", argument='{"smoke": {}, "quick": {}}'))
    loaded = discovery.load("toy")
    assert (loaded.name, loaded.summary, loaded.default_preset) == (
        "toy",
        "A toy that learns nothing",
        "quick",
    )
    assert loaded.documentation == "A toy that learns nothing.\n\nMore text."
    assert make(presets={"smoke": {}, "real": {}}).default_preset == "smoke"
    assert make(name="").name == "test_protocol"


def test_a_script_has_the_name_of_its_file(tmp_path: Path) -> None:
    text = TOY.format(presets="", argument='{"quick": {}}') + "print(PROTOCOL.name, PROTOCOL.summary)\n"
    (tmp_path / "script.py").write_text(text)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "script A toy that learns nothing\n"


def test_what_is_missing_in_a_protocol_is_said() -> None:
    with pytest.raises(ParameterError, match="presets of toy: there must be at least one"):
        make(presets={})
    with pytest.raises(
        ParameterError, match="name: must be given, since the protocol is not defined in a file"
    ):
        make(name="", run=len)


def test_parameters_have_dotted_key_value_and_meaning() -> None:
    assert ("phase.duration", "30 min", "length of the phase") in make().parameters()


@pytest.mark.parametrize(
    ("presets", "argument"),
    [
        ("", '{"quick": {}, "smoke": {"seed": 5}}'),
        ('PRESETS: dict = {"quick": {}, "smoke": {"seed": 5}}', "PRESETS"),
        ("", 'dict(quick={}, smoke={"seed": 5})'),
        ('NAME = "smoke"', '{"quick": {}, NAME: {"seed": 5}}'),
    ],
)
def test_protocols_are_found_and_summarised(installed: Path, presets: str, argument: str) -> None:
    (installed / "toy.py").write_text(TOY.format(presets=presets, argument=argument))
    assert discovery.names() == ["toy"]
    summary = discovery.summarise("toy")
    assert summary == discovery.Summary("toy", "A toy that learns nothing.", ("quick", "smoke"))
    assert tuple(discovery.load("toy").presets) == summary.presets


def test_a_summary_of_literal_presets_does_not_import_the_protocol(installed: Path) -> None:
    text = TOY.format(presets="raise RuntimeError", argument='{"quick": {}}')
    (installed / "toy.py").write_text(text)
    assert discovery.summarise("toy").presets == ("quick",)


@pytest.mark.parametrize("look_up", [discovery.load, discovery.summarise])
def test_an_unknown_protocol_is_refused_with_the_nearest_one(installed: Path, look_up: object) -> None:
    (installed / "toy.py").write_text("")
    with pytest.raises(UnknownNameError, match="unknown protocol 'toi'; did you mean 'toy'"):
        look_up("toi")


def test_a_module_without_protocol_is_refused(installed: Path) -> None:
    (installed / "toy.py").write_text('PROTOCOL = "none"')
    with pytest.raises(SpikingSamplingError, match="defines no PROTOCOL named 'toy'"):
        discovery.load("toy")


def test_every_preset_of_every_installed_protocol_is_valid() -> None:
    for name in discovery.names():
        protocol = discovery.load(name)
        assert discovery.summarise(name).presets == tuple(protocol.presets)
        for preset in protocol.presets:
            assert isinstance(protocol.configure(preset), ProtocolConfiguration)


def test_a_checkout_without_editable_install_says_what_to_do(tmp_path: Path) -> None:
    """A plain install in a checkout finds the local folder first, which has no protocols in it."""
    (tmp_path / "spikingsampling").symlink_to(Path(discovery.__file__).parents[1])
    # An isolated finder stands for the plain install: no editable mapping of the outer folders.
    code = (
        "import sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in repr(f).lower()];"
        "sys.path.insert(0, '.'); from spikingsampling.cli import main; main(['list'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "python -m pip install -e ." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stream_depends_on_seed_and_name_only(tmp_path: Path) -> None:
    run = Run(Configuration(seed=3), tmp_path)
    draw = [np.random.default_rng(run.stream(name)).random() for name in ("stimulus", "noise", "stimulus")]
    assert draw[0] == draw[2] != draw[1]
    run.seeds.spawn(3)
    assert np.random.default_rng(run.stream("stimulus")).random() == draw[0]
    other = Run(Configuration(seed=4), tmp_path)
    assert np.random.default_rng(other.stream("stimulus")).random() != draw[0]
    # Python's own hash() would differ from process to process; a resumed run needs the same seed.
    digest = hashlib.sha256(b"stimulus").digest()
    assert run.stream("stimulus").spawn_key == struct.unpack("<8I", digest)


def test_a_generator_is_at_the_start_of_its_stream(tmp_path: Path) -> None:
    run = Run(Configuration(seed=3), tmp_path)
    expected = np.random.default_rng(run.stream("items")).random(3)
    for _ in range(2):
        np.testing.assert_array_equal(run.rng("items").random(3), expected)


def test_drawing_is_left_out_without_figures(tmp_path: Path) -> None:
    drawn = []
    for enabled in (False, True):
        run = Run(Configuration(), tmp_path, figures=enabled)
        run.draw(lambda save, *arguments, **options: drawn.append((save, arguments, options)), 1, size=2)
    assert drawn == [(run.save_figure, (1,), {"size": 2})]


def test_figures_are_saved_unless_switched_off(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot

    for enabled in (False, True):
        run = Run(Configuration(), tmp_path, figures=enabled)
        run.save_figure("curve", pyplot.figure())
        assert (tmp_path / "figures" / "curve.png").exists() is enabled
    assert pyplot.get_fignums() == []


def test_the_first_ctrl_c_asks_and_the_second_stops(tmp_path: Path) -> None:
    said: list[str] = []
    former = signal.getsignal(signal.SIGINT)
    with interruptible(said.append) as interruption:
        run = Run(Configuration(), tmp_path, interruption=interruption)
        run.stop_if_interrupted()
        os.kill(os.getpid(), signal.SIGINT)
        assert run.interrupted
        assert len(said) == 1
        with pytest.raises(Interrupted):
            run.stop_if_interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is former


def test_signals_are_left_alone_outside_the_main_thread() -> None:
    seen: list[Interruption] = []

    def work() -> None:
        with interruptible() as interruption:
            seen.append(interruption)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not seen[0].requested


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.00 s"),
        (59.99, "59.99 s"),
        (59.999, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3600 - 0.4, "1 h 00 min"),
        (3 * 3600 + 7 * 60, "3 h 07 min"),
        (7199, "2 h 00 min"),
    ],
)
def test_durations_are_readable(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_progress_tells_speed_and_time_left() -> None:
    lines: list[str] = []
    clock = iter([100.0, 102.0, 105.0])
    shown = io.StringIO()
    progress = Progress(Console(file=shown), lines.append, clock=lambda: next(clock))
    progress.start(100, "train", done_seconds=40)
    progress.advance(20, active_synapses=123, label="train")
    progress.advance(10)
    progress.stop()
    # 20 s in 2 s and 40 s to go; then 30 s in 5 s and 30 s to go. The 40 s done before do not count.
    assert lines == [
        "train: 1 min 00 s of 1 min 40 s, speed 10×, 4.00 s left, 123 synapses",
        "1 min 10 s of 1 min 40 s, speed 6×, 5.00 s left",
    ]
    assert shown.getvalue() == ""  # not a terminal


def test_progress_is_shown_on_a_terminal() -> None:
    shown = io.StringIO()
    progress = Progress(Console(file=shown, force_terminal=True, width=80))
    progress.start(10, "train")
    progress.advance(5, active_synapses=7, label="test")
    progress.stop()
    assert "5.00 s of 10.00 s" in shown.getvalue()
    assert "7 synapses" in shown.getvalue()
