"""The user's own sounds: a folder per class, Speech Commands, a table of files and labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from helpers.own_data import RATE, commands, tone
from spikingsampling.data import ImageSoundData, load_speech, speakers_of
from spikingsampling.errors import DataError, UnknownNameError

NAMES = ("left", "top")


def frequency(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound))
    return float(np.argmax(spectrum) * RATE / len(sound))


def test_speech_commands_is_split_as_its_lists_say(tmp_path: Path) -> None:
    data = ImageSoundData(sounds=str(commands(tmp_path / "commands")))
    parts = {part: load_speech(data, part, NAMES) for part in ("train", "validation", "test")}
    assert {part: len(speech) for part, speech in parts.items()} == {"train": 24, "validation": 8, "test": 8}
    assert speakers_of(data, NAMES) == ("s0", "s1", "s2", "s3")
    assert parts["test"].sample_rate == RATE
    for speech in parts.values():
        heard = [frequency(sound) for sound in speech.waveforms]
        np.testing.assert_allclose(heard, np.where(speech.labels == 0, 500, 1500), atol=RATE / 8000)
    # The files of the test list are those of number 0, and nowhere else.
    first = tone(500, 0)
    assert any(np.allclose(sound, first, atol=1e-3) for sound in parts["test"].waveforms)
    assert not any(np.allclose(sound, first, atol=1e-3) for sound in parts["train"].waveforms)
    one = load_speech(data, "train", NAMES, ("s2",))
    assert set(one.speakers.tolist()) == {"s2"}
    assert one.takes.tolist() == [0, 1, 2, 0, 1, 2]
    with pytest.raises(UnknownNameError, match="s9"):
        load_speech(data, "train", NAMES, ("s9",))


def table(folder: Path, lines: list[str]) -> ImageSoundData:
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", tone(500, number), RATE)
    (folder / "sounds.csv").write_text("\n".join(lines) + "\n")
    return ImageSoundData(sounds=str(folder / "sounds.csv"))


def test_a_table_names_class_speaker_and_part(tmp_path: Path) -> None:
    parts = ("train", "train", "validation", "test", "train", "test")
    lines = [
        "file,label,speaker,part",
        *(f"{n}.wav,word,{'ab'[n % 2]},{part}" for n, part in enumerate(parts)),
    ]
    data = table(tmp_path, lines)
    train = load_speech(data, "train", ("word",))
    assert train.speakers.tolist() == ["a", "b", "a"]
    np.testing.assert_allclose(train.waveforms[2], tone(500, 4), atol=1e-3)
    assert len(load_speech(data, "test", ("word",))) == 2


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["name,label", "0.wav,word"], r"sounds.csv: has no column file; its columns are name, label"),
        (["file,label", "0.wav,"], r"sounds.csv, line 2: file = '0.wav', label = ''; must not be empty"),
        (
            ["file,label,part", "0.wav,word,later"],
            r"line 2: part = 'later'; must be train, validation, test or empty",
        ),
        (["file,label", "0.wav,word", "0.wav,word"], r"sounds.csv: 0.wav is there twice"),
        (["file,label,part", "0.wav,word,test", "1.wav,word,"], r"some rows have a part and others none"),
        (
            ["file,label", "0.wav,word", "1.wav,word"],
            r"class 'word' has 1 items to draw validation from; too few",
        ),
        (
            ["file,label,part", "0.wav,a,train", "1.wav,a,test", "2.wav,a,validation", "3.wav,b,train"],
            r"'b' has no items",
        ),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_speech(
            table(tmp_path, lines),
            "train",
            ("b",) if "b" in message[:4] else (lines[1].split(",")[1] or "word",),
        )


def test_sample_rates_that_differ(tmp_path: Path) -> None:
    folder = commands(tmp_path / "commands")
    soundfile.write(folder / "left" / "s0_nohash_9.wav", tone(500, 9, 8000), 8000)
    data = ImageSoundData(sounds=str(folder))
    with pytest.raises(
        DataError, match=r"Hz and .* Hz: give the rate to which all are converted, .*sample_rate=8000"
    ):
        load_speech(data, "train", NAMES)
    with pytest.warns(UserWarning, match="resampled"):
        speech = load_speech(data.replace(sample_rate=8000), "train", NAMES)
    assert speech.sample_rate == 8000
    assert {len(sound) for sound in speech.waveforms} == {4000}
