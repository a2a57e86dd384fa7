"""Every protocol's presets: all can be configured, and `quick` runs to its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spikingsampling import cli
from spikingsampling.experiment import discovery

PAIRS = [(name, preset) for name in discovery.names() for preset in discovery.load(name).presets]


@pytest.mark.parametrize(("name", "preset"), PAIRS)
def test_every_preset_is_a_configuration(name: str, preset: str) -> None:
    loaded = discovery.load(name)
    configuration = loaded.configure(preset)
    assert loaded.configure(preset, configuration.to_mapping()) == configuration


@pytest.mark.slow
@pytest.mark.parametrize("name", discovery.names())
def test_quick_runs(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(("run", name, "--preset", "quick", "--out", str(tmp_path / "run")))
    assert not left.value.code
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["version"]
    assert list((tmp_path / "run" / "figures").glob("*.png"))
