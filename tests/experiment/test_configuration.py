"""Configurations: layers, dotted keys, and TOML files that round trip exactly."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from spikingsampling.errors import ParameterError, ResumeError, UnknownNameError
from spikingsampling.experiment.configuration import (
    ProtocolConfiguration,
    RunFile,
    differences,
    flatten,
    merge,
    nest,
    parse_assignment,
    resolve,
    write_text,
)
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number, Time


class Phase(Parameters):
    duration: Time = quantity("30 min", "length", low="0 s", dimension="time")
    rate: Frequency = quantity("1 Hz", "rate", dimension="frequency")


class Configuration(ProtocolConfiguration):
    circuit: CircuitParameters = CircuitParameters(adaptation=-0.5)
    phase: Phase = Phase()
    phases: tuple[Phase, ...] = (Phase(), Phase(duration="1 h"))
    digits: tuple[int, ...] = (1, 2)
    speaker: str | None = "nicolas"
    limit: Time | None = None
    gain: Number = 1.0


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("digits=[0,1]", "digits", [0, 1]),
        ("circuit.temperature=0.1", "circuit.temperature", 0.1),
        ("phase.duration=30 min", "phase.duration", "30 min"),
        (" speaker = theo ", "speaker", "theo"),
        ("speaker='a=b'", "speaker", "a=b"),
        ("speaker=a=b", "speaker", "a=b"),
        ("gain=1\nseed=3", "gain", "1\nseed=3"),
        ("speaker=", "speaker", ""),
    ],
)
def test_an_assignment_is_a_toml_value_or_text(text: str, key: str, value: object) -> None:
    assert parse_assignment(text) == (key, value)


@pytest.mark.parametrize("text", ["x", "=1", ""])
def test_an_assignment_needs_key_and_value(text: str) -> None:
    with pytest.raises(ParameterError, match="must be key=value"):
        parse_assignment(text)


def test_nest_and_flatten_are_inverse() -> None:
    assert nest("a.b.c", 1) == {"a": {"b": {"c": 1}}}
    assert flatten({"a": {"b": {"c": 1}}, "d": {}}) == {"a.b.c": 1, "d": {}}


def test_merge_goes_mapping_by_mapping_and_changes_neither() -> None:
    base = {"a": {"x": 1, "y": 2}, "b": 3}
    assert merge(base, {"a": {"y": 5}, "c": 6}) == {"a": {"x": 1, "y": 5}, "b": 3, "c": 6}
    assert base == {"a": {"x": 1, "y": 2}, "b": 3}


def test_merge_replaces_a_mapping_of_another_kind() -> None:
    base = {"prior": {"kind": "gaussian", "mean": 0.5, "sd": 1.0}}
    assert merge(base, {"prior": {"kind": "flat"}}) == {"prior": {"kind": "flat"}}
    assert merge(base, {"prior": {"kind": "gaussian", "sd": 2.0}})["prior"]["mean"] == 0.5


def test_later_layers_win_and_nested_defaults_stay() -> None:
    configuration = resolve(
        Configuration,
        {"circuit": {"temperature": 0.5, "n_examples": 10}, "seed": 1},
        {"circuit": {"temperature": 0.1, "prior": {"sd": 2.0}}, "speaker": None},
    )
    assert configuration.circuit == CircuitParameters(
        adaptation=-0.5, temperature=0.1, n_examples=10, prior=GaussianPrior(0.5, 2.0)
    )
    assert (configuration.seed, configuration.speaker, configuration.data) == (1, None, "embedded")


@pytest.mark.parametrize(("text", "seconds"), [("20 ms", 0.02), ("2 h", 7200.0), ("3", 3.0), (0.5, 0.5)])
def test_times_are_held_in_seconds(text: object, seconds: float) -> None:
    assert resolve(Configuration, {"phase": {"duration": text}}).phase.duration == seconds


@pytest.mark.parametrize(
    ("key", "proposal"),
    [
        ("sed", "'seed'"),
        ("circuit.temprature", "'circuit.temperature'"),
        ("temperature", "'circuit.temperature'"),
        ("phase.durations", "'phase.duration'"),
        ("circuit.prior.sdd", "sd"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(key: str, proposal: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        resolve(Configuration, nest(key, 1))
    assert proposal in str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("phase.duration", "3 Hz", "Phase.duration = '3 Hz': unit 'Hz' is wrong here: must be a time"),
        ("phase.duration", -1, "Phase.duration = -1.0: must be at least 0 s"),
        ("circuit.temperature", math.nan, "CircuitParameters.temperature = nan: must be finite"),
        ("circuit.prior.sd", -1.0, "GaussianPrior.sd = -1.0: must be more than 0"),
        ("seed", -1, "seed = -1: must be at least 0"),
        ("seed", True, "seed = True: "),
        ("data", "reel", "data = 'reel': input should be 'embedded' or 'real'"),
        ("digits", "1,2", "digits = '1,2': "),
        ("circuit", 3, "circuit = 3: "),
    ],
)
def test_a_wrong_value_is_one_message_with_name_value_and_what_is_allowed(
    key: str, value: object, message: str
) -> None:
    with pytest.raises(ParameterError) as error:
        resolve(Configuration, nest(key, value))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


finite = {"allow_nan": False, "allow_infinity": False}
times = st.floats(0, 1e9, **finite)
phases = st.builds(Phase, duration=times, rate=st.floats(-1e9, 1e9, **finite))
configurations = st.builds(
    Configuration,
    data=st.sampled_from(["embedded", "real"]),
    seed=st.integers(0, 2**63 - 1),
    engine=st.sampled_from(["standalone", "runtime"]),
    circuit=st.builds(
        CircuitParameters,
        temperature=st.floats(0, 1e4, **finite),
        b=st.floats(0, 1, **finite),
        prior=st.builds(GaussianPrior, st.floats(-10, 10, **finite), st.floats(1e-3, 10, **finite)),
    ),
    phase=phases,
    phases=st.lists(phases, max_size=3).map(tuple),
    digits=st.lists(st.integers(0, 9), max_size=10).map(tuple),
    speaker=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    limit=st.none() | times,
    gain=st.floats(**finite),
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(configuration=configurations)
def test_a_configuration_file_round_trips_exactly(configuration: Configuration, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    RunFile("toy", "quick", configuration.to_mapping()).write(path, Configuration)
    back = RunFile.read(path)
    assert back.configure(Configuration) == configuration
    assert (back.protocol, back.preset) == ("toy", "quick")


def test_units_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    RunFile("toy", "quick", Configuration().to_mapping()).write(path, Configuration)
    text = path.read_text()
    assert 'duration = "30 min"' in text
    assert 'tau_fall = "20 ms"' in text
    assert "limit" not in text  # TOML has no null


class Flat:
    """A prior of the user's own, which no file can name."""

    grad_log_density_code = None
    log_density = grad_log_density = sample = staticmethod(lambda *arguments: None)


def test_what_a_file_cannot_hold_is_refused_before_the_run(tmp_path: Path) -> None:
    configuration = Configuration(circuit=CircuitParameters(prior=Flat()))
    with pytest.raises(UnknownNameError, match="unknown prior"):
        RunFile("toy", "quick", configuration.to_mapping()).write(tmp_path / "config.toml", Configuration)
    assert not list(tmp_path.iterdir())


class Notes(ProtocolConfiguration):
    free: dict[str, int | None] = Field(default_factory=dict)
    listed: tuple[int | None, ...] = ()


@pytest.mark.parametrize("values", [{"free": {"a": None}}, {"listed": (None,)}])
def test_what_would_not_come_back_is_refused(tmp_path: Path, values: dict[str, object]) -> None:
    configuration = Notes(**values)
    with pytest.raises(ParameterError, match=r"cannot be written to config\.toml"):
        RunFile("toy", "quick", configuration.to_mapping()).write(tmp_path / "config.toml", Notes)


def test_a_file_that_lacks_a_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    RunFile("toy", "quick", Configuration().to_mapping()).write(path, Configuration)
    path.write_text(path.read_text().replace("temperature = 1.0\n", ""))
    with pytest.raises(ParameterError, match="temperature = None"):
        RunFile.read(path).configure(Configuration)


@pytest.mark.parametrize("text", ["protocol = ", "protocol = 'toy'", "\x00"])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ResumeError, match="is damaged"):
        RunFile.read(tmp_path / "config.toml")


def test_differences_names_every_key_that_differs() -> None:
    old = {"seed": 1, "circuit": {"b": "1 Hz", "alpha": 2}, "gone": 1}
    new = {"seed": 2, "circuit": {"b": "2 Hz", "alpha": 2}, "new": None}
    assert differences(old, new) == [
        "seed: 1 in the run, 2 requested",
        "circuit.b: '1 Hz' in the run, '2 Hz' requested",
        "gone: 1 in the run, nothing requested",
        "new: nothing in the run, None requested",
    ]
    assert differences(old, old) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_text(path, "old")
    (tmp_path / "metrics.json.tmp").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new" * 10000)
    assert path.read_text() == "old"
