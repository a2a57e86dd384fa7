"""The association experiment with images and sounds of the user's own, through the command line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from helpers.own_data import bars, commands, fashion
from helpers.runs.association_runs import SHORT, SMOKE
from spikingsampling.errors import DataError
from spikingsampling.protocols.association.association import PROTOCOL
from spikingsampling.protocols.association.association_baselines import PROTOCOL as BASELINES
from spikingsampling.protocols.lesion.lesion import PROTOCOL as LESION
from spikingsampling.protocols.studies.association.configuration import make_task
from spikingsampling.protocols.turnover.three_phases import PROTOCOL as PHASES


def test_own_data_from_start_to_report(command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bars(tmp_path / "bars")
    commands(tmp_path / "commands")
    monkeypatch.chdir(tmp_path)
    own = ("data.images=bars", "data.sounds=commands", 'digits=["top", "left"]', "max_speakers=4")
    settings = [part for setting in own for part in ("--set", setting)]
    code, _, err = command(*SMOKE, *SHORT, *settings, "--out", "run")
    assert code == 0, err
    data = tomllib.loads((tmp_path / "run" / "config.toml").read_text())["configuration"]["data"]
    assert data["images"] == str(tmp_path / "bars")
    assert len(data["images_sha256"]) == len(data["sounds_sha256"]) == 64
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["n_synapses"] > 0
    code, _, err = command("report", "run")
    assert code == 0, err
    page = (tmp_path / "run" / "report.html").read_text()
    assert f"images {tmp_path / 'bars'} ({data['images_sha256'][:12]})" in page
    # What has changed on disk is refused when the run goes on.
    (tmp_path / "run" / "metrics.json").unlink()
    (tmp_path / "commands" / "testing_list.txt").write_text("left/s1_nohash_2.wav\ntop/s1_nohash_2.wav\n")
    code, _, err = command("run", "--resume", "run")
    assert code == 2
    assert "data.sounds_sha256" in err


def test_every_split_of_own_data_is_its_own(tmp_path: Path) -> None:
    data = {
        "images": str(fashion(tmp_path / "fashion")),
        "sounds": str(commands(tmp_path / "spoken", names=("3", "8"))),
    }
    shown = {}
    for evaluation in ("test", "validation"):
        layer = {"data": data, "digits": [3, 8], "evaluation": evaluation, "max_speakers": 4}
        task = make_task(PROTOCOL.configure("smoke", layer))
        assert task.digits == (3, 8)
        assert task.names == {3: "3", 8: "8"}
        shown[evaluation] = task.rates("visual_input", "test")[0]
    assert [len(rates) for rates in shown.values()] == [4, 2]
    assert not {rates.tobytes() for rates in shown["test"]} & {
        rates.tobytes() for rates in shown["validation"]
    }


def test_an_own_modality_beside_one_of_the_package(tmp_path: Path) -> None:
    data = {"images": str(fashion(tmp_path / "fashion"))}
    task = make_task(PROTOCOL.configure("smoke", {"data": data, "evaluation": "validation"}))
    assert [task.n_train[source] for source in task.stimuli.libraries] == [10, task.n_train["auditory_input"]]
    with pytest.raises(DataError, match="no class '1' in"):
        make_task(PROTOCOL.configure("smoke", {"data": {"images": str(bars(tmp_path / "bars"))}}))


def test_a_preset_keeps_its_data_beside_a_path() -> None:
    configuration = PROTOCOL.configure("real", {"data": {"images": "here"}})
    assert (configuration.data.source, configuration.data.images) == ("real", "here")


def test_other_protocols_take_names_of_classes(tmp_path: Path) -> None:
    layer = {"data": {"images": str(bars(tmp_path / "bars"))}, "digits": ["left", "top"]}
    for protocol in (LESION, BASELINES, PHASES):
        pinned = protocol.configure("smoke", layer).pinned()
        assert len(pinned.data.images_sha256) == 64
        assert pinned.pinned() == pinned
    lesion = LESION.configure("smoke", {**layer, "lesion": {"digit": "left"}}).lesion
    assert lesion.removed_digit(("left", "top")) == 0
    assert lesion.replace(digit=None).removed_digit(("left", "top")) == 1
