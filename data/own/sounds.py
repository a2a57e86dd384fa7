"""The user's own sounds: a folder per class, as in Speech Commands too, or a table of files and labels."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from spikingsampling.data.own.items import PARTS, Item, by_folder
from spikingsampling.data.types import SpeechSet
from spikingsampling.data.wav import read_wav
from spikingsampling.errors import DataError

__all__ = ["NOBODY", "open_sounds", "read_sounds"]

#: The speaker of a recording that does not say who speaks.
NOBODY = "unknown"
#: The files in which Speech Commands (P. Warden, arXiv:1804.03209) lists what is not for training.
_LISTS = {"validation": "validation_list.txt", "test": "testing_list.txt"}
#: What stands between speaker and number in its file names.
_MARK = "_nohash_"


def open_sounds(path: Path) -> list[Item]:
    """The recordings of a path: a folder with a folder of wav files per class, or a CSV file.

    A folder of the form of Speech Commands, with ``validation_list.txt`` and ``testing_list.txt`` and files called
    ``SPEAKER_nohash_NUMBER.wav``, is split as these lists say. The columns of a CSV file are ``file`` (relative to it)
    and ``label`` and, if wanted, ``speaker`` and ``part`` (train, validation or test).

    Raises
    ------
    DataError
        It is none of these, or is damaged.
    """
    if path.suffix.lower() == ".csv" and path.is_file():
        return _from_table(path)
    if not path.is_dir():
        raise DataError(f"data.sounds = {str(path)!r}: must be a folder or a .csv file that is there")
    items = [replace(item, speaker=_speaker(item.path)) for item in by_folder(path, (".wav",))]
    lists = {part: path / name for part, name in _LISTS.items() if (path / name).is_file()}
    if not lists:
        return items
    part_of: dict[str, str] = {}
    for part, file in lists.items():
        for line in file.read_text(encoding="utf-8").splitlines():
            if part_of.setdefault(line.strip(), part) != part:
                raise DataError(
                    f"{file}: {line.strip()} is in {_LISTS['validation']}, too; must be in one list"
                )
    return [replace(item, part=part_of.get(item.name, "train")) for item in items]


def _speaker(path: Path) -> str:
    speaker, mark, _ = path.stem.partition(_MARK)
    return speaker if mark else NOBODY


def _from_table(path: Path) -> list[Item]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            columns = reader.fieldnames or []
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table ({error})") from None
    if missing := {"file", "label"} - set(columns):
        raise DataError(
            f"{path}: has no column {sorted(missing)[0]}; its columns are {', '.join(columns) or 'none'}"
        )
    items = []
    for number, row in enumerate(rows, start=2):
        name, label, part = row["file"], row["label"], row.get("part") or ""
        if not name or not label:
            raise DataError(f"{path}, line {number}: file = {name!r}, label = {label!r}; must not be empty")
        if part and part not in PARTS:
            raise DataError(f"{path}, line {number}: part = {part!r}; must be {', '.join(PARTS)} or empty")
        items.append(Item(path.parent / name, name, label, part, row.get("speaker") or NOBODY))
    if twice := [name for name, n in Counter(item.name for item in items).items() if n > 1]:
        raise DataError(
            f"{path}: {twice[0]} is there twice; must be once, or training and testing would share it"
        )
    if len({bool(item.part) for item in items}) > 1:
        raise DataError(f"{path}: some rows have a part and others none; must be all or none")
    if not items:
        raise DataError(f"{path}: has no rows")
    return items


def read_sounds(
    items: Sequence[Item], labels: dict[str, int], sample_rate: int | None, source: Path
) -> SpeechSet:
    """The recordings of some items.

    Parameters
    ----------
    items : sequence of Item
    labels : dict
        Label by the name of the class.
    sample_rate : int, optional
        Hz; that of the files when None.
    source : Path
        Named in errors and figures.

    Raises
    ------
    DataError
        A file cannot be read, or their sample rates differ and none is given.
    """
    rate = _common_rate(items) if sample_rate is None else sample_rate
    waveforms = tuple(read_wav(item.path, rate) for item in items)
    seen: Counter[tuple[str, str]] = Counter()
    takes = []
    for item in items:
        takes.append(seen[item.speaker, item.label])
        seen[item.speaker, item.label] += 1
    return SpeechSet(
        waveforms,
        rate,
        np.array([labels[item.label] for item in items], dtype=np.int64),
        np.array([item.speaker for item in items]),
        np.array(takes, dtype=np.int64),
        source.name,
    )


def _common_rate(items: Sequence[Item]) -> int:
    rates: dict[int, Path] = {}
    for item in items:
        try:
            rates.setdefault(soundfile.info(item.path).samplerate, item.path)
        except (OSError, soundfile.LibsndfileError):
            read_wav(item.path, 8000)  # says what is wrong
    if len(rates) > 1:
        (first, a), (second, b) = list(rates.items())[:2]
        raise DataError(
            f"{a} has {first} Hz and {b} {second} Hz: give the rate to which all are converted, for example "
            f"data.sample_rate={min(rates)}"
        )
    return next(iter(rates))
