"""Wrong requests to the association protocol: one message each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.runs.association_runs import SMOKE
from spikingsampling.errors import ParameterError
from spikingsampling.protocols.association.association import PROTOCOL
from spikingsampling.protocols.studies.association.configuration import make_task


def test_missing_real_data_name_the_command_that_fetches_them(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPIKINGSAMPLING_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    code, _, err = command(*SMOKE, "--data", "real")
    assert code == 2
    assert "spikingsampling data fetch" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("digts=[1,2]", "did you mean 'digits'"),
        ("digits=[1]", "digits"),
        ("digits=[1,1]", "must be distinct whole numbers from 0 to 9"),
        ("digits=[1,12]", "must be distinct whole numbers from 0 to 9"),
        ("training=10 kg", "training"),
        ("training=-10 s", "must be at least 10 s"),
        ("training=nan s", "training"),
        ('speakers=["nobody"]', "unknown speaker 'nobody'"),
        ("stimulation.sound=loud", "Stimulation.sound = 'loud': input should be 'static' or 'streamed'"),
        ("network.n_circuits=0", "AssociationParameters.n_circuits = 0: must be at least 1"),
        ("network.circuit.b=1 /s", "must be at most 1e-3"),
        ("segment=10.1 s", "must be a whole multiple"),
        (
            'schedule=[{after="20 s", b="1e-4 /s"}]',
            "schedule: after = 20 s: must be less than training = 20 s",
        ),
        (
            'schedule=[{after="3 s", b="1e-4 /s"}]',
            "schedule: after = 3 s: must be a whole multiple of 10 presentations",
        ),
        ('schedule=[{after="2 s", b="1 /s"}]', "must be at most 1e-3"),
        ("evaluation=train", "evaluation = 'train'"),
        ("tests=11", "tests = 11: training of 20 s is too short for so many; at most 10"),
    ],
)
def test_wrong_settings_are_one_message(command: Any, setting: str, message: str) -> None:
    code, _, err = command(*SMOKE, "--set", setting)
    assert code == 2, err
    assert message in err
    assert "Traceback" not in err
    assert err.count("error:") == 1


def test_an_unknown_preset_proposes_the_nearest(command: Any) -> None:
    code, _, err = command("run", "association", "--preset", "smok")
    assert code == 2
    assert "did you mean 'smoke'" in err
    with pytest.raises(ParameterError):
        PROTOCOL.configure("smoke", {"digits": [3]})


def test_a_validation_split_shows_training_items_that_are_not_learnt() -> None:
    """Takes and images of the training set, none of them in what is learnt; the test split is not touched."""
    stimulation = {"max_images": 20}
    tested, validated = (
        make_task(PROTOCOL.configure("smoke", {"evaluation": split, "stimulation": stimulation}))
        for split in ("test", "validation")
    )
    for source in tested.n_train:
        rates = {
            (split, part): {row.tobytes() for row in task.rates(source, part)[0]}
            for split, task in (("test", tested), ("validation", validated))
            for part in ("train", "test")
        }
        assert rates["validation", "test"]
        assert not rates["validation", "test"] & rates["validation", "train"]
        assert not rates["validation", "test"] & rates["test", "test"]
    # The held-out sounds are learnt otherwise; the images that are learnt are the same.
    sounds = validated.rates("auditory_input", "test")[0]
    learnt = {row.tobytes() for row in tested.rates("auditory_input", "train")[0]}
    assert {row.tobytes() for row in sounds} < learnt
    np.testing.assert_array_equal(
        validated.rates("visual_input", "train")[0], tested.rates("visual_input", "train")[0]
    )
