"""Parts and hash of the user's own data, and what stands for them in settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.own_data import bars, commands
from spikingsampling.data import ImageData, ImageSoundData, class_labels
from spikingsampling.data.own.items import Item, by_folder, divided
from spikingsampling.errors import DataError, ParameterError

ITEMS = [Item(Path(f"{label}{k}"), f"{label}{k}", label) for label in "ab" for k in range(20)]


def parts(items: list[Item], classes: str = "ab", held_out: float = 0.15, seed: int = 0) -> dict[str, str]:
    return {item.name: item.part for item in divided(items, classes, held_out, seed, Path("set"))}


def test_the_draw_is_disjoint_per_class_and_by_seed() -> None:
    drawn = parts(ITEMS)
    for label in "ab":
        counts = [
            sum(part == wanted and name[0] == label for name, part in drawn.items())
            for wanted in ("train", "validation", "test")
        ]
        assert counts == [14, 3, 3]
    assert parts(ITEMS) == drawn
    assert parts(ITEMS, seed=1) != drawn
    # Which other classes there are does not matter.
    assert parts(ITEMS, "a") == {name: part for name, part in drawn.items() if name[0] == "a"}
    assert [name[1:] for name, part in drawn.items() if part == "test" and name[0] == "a"] != [
        name[1:] for name, part in drawn.items() if part == "test" and name[0] == "b"
    ]


def test_folders_of_parts(tmp_path: Path) -> None:
    for part in ("train", "val", "test"):
        bars(tmp_path / part, n=2)
    items = by_folder(tmp_path, (".png",))
    assert {(item.part, item.label) for item in items} == {
        (part, label) for part in ("train", "validation", "test") for label in ("left", "top")
    }
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError, match="the folder test is a part of the data and other is none"):
        by_folder(tmp_path, (".png",))


def test_no_files(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    with pytest.raises(DataError, match=r"has no files in folders of classes; must have CLASS/FILE.*\.png"):
        by_folder(tmp_path, (".png",))


def test_the_hash_sees_content_names_split_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bars(tmp_path / "bars")
    monkeypatch.chdir(tmp_path)
    pinned = ImageData(images="bars").pinned(("left", "top"))
    assert pinned.images == str(folder)
    assert re.fullmatch("[0-9a-f]{64}", pinned.images_sha256)
    assert pinned.pinned(("left", "top")) == pinned
    assert (
        ImageData(images="bars", split_seed=1).pinned(("left", "top")).images_sha256 != pinned.images_sha256
    )
    (folder / "left" / "05.png").rename(folder / "left" / "99.png")
    with pytest.raises(DataError, match=r"data.images_sha256 = '.*': the content of .*bars has the sha256"):
        pinned.pinned(("left", "top"))
    (folder / "left" / "99.png").rename(folder / "left" / "05.png")
    assert pinned.pinned(("left", "top")) == pinned
    content = bytearray((folder / "top" / "07.png").read_bytes())
    content[-1] ^= 1
    (folder / "top" / "07.png").write_bytes(content)
    with pytest.raises(DataError, match="sha256"):
        pinned.pinned(("left", "top"))
    assert ImageData().pinned((1, 2)) == ImageData()


def test_sounds_have_a_hash_of_their_own(tmp_path: Path) -> None:
    folder = commands(tmp_path / "commands")
    data = ImageSoundData(sounds=str(folder)).pinned(("left", "top"))
    assert not data.images_sha256
    (folder / "testing_list.txt").write_text("left/s1_nohash_2.wav\ntop/s1_nohash_2.wav\n")
    with pytest.raises(DataError, match=r"data\.sounds_sha256"):
        data.pinned(("left", "top"))


def test_labels_of_classes() -> None:
    assert class_labels((7, 2)) == {"7": 7, "2": 2}
    assert class_labels(("cat", "dog")) == {"cat": 0, "dog": 1}
    for wrong in ((), ("cat", "cat"), (1, "1"), ("",), (-1,)):
        with pytest.raises(ParameterError, match=r"digits = .*distinct numbers or names of classes"):
            class_labels(wrong)


def test_a_text_stands_for_the_source() -> None:
    assert ImageSoundData.model_validate("real") == ImageSoundData(source="real")
