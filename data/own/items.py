"""What there is: files by class, the part that they name for each, and the hash of all of them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spikingsampling.errors import DataError

__all__ = ["PARTS", "Item", "by_folder", "chosen", "content_sha256", "divided"]

#: The parts of a data set, with the names of the folders that hold them.
PARTS = {
    "train": ("train", "training"),
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
}


@dataclass(frozen=True)
class Item:
    """A file of one class.

    Attributes
    ----------
    path : Path
    name : str
        Where it lies below the folder of the data set, or its number in a file that holds many.
    label : str
        The name of its class.
    part : str
        ``train``, ``validation`` or ``test``; empty if the files do not say.
    speaker : str
    """

    path: Path
    name: str
    label: str
    part: str = ""
    speaker: str = ""


def by_folder(root: Path, suffixes: Iterable[str]) -> list[Item]:
    """The files of ``CLASS/FILE`` or ``PART/CLASS/FILE`` below a folder, in the order of their names.

    What begins with a dot or an underscore is not looked at.

    Raises
    ------
    DataError
        There is none, or some folders at the top are parts and others are classes.
    """
    parts = {name: part for part, names in PARTS.items() for name in names}
    folders = _folders(root)
    named = [folder for folder in folders if folder.name in parts]
    if named and len(named) < len(folders):
        others = [folder.name for folder in folders if folder not in named]
        raise DataError(
            f"{root}: the folder {named[0].name} is a part of the data and {others[0]} is none; must have a folder "
            "per class, or folders train, validation and test with a folder per class in each"
        )
    places = [(folder, parts[folder.name]) for folder in named] if named else [(root, "")]
    endings = set(suffixes)
    items = [
        Item(file, file.relative_to(root).as_posix(), folder.name, part)
        for place, part in places
        for folder in _folders(place)
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in endings and not file.name.startswith(".")
    ]
    if not items:
        raise DataError(
            f"{root}: has no files in folders of classes; must have CLASS/FILE or PART/CLASS/FILE, with files that "
            f"end in {', '.join(sorted(endings))}"
        )
    return items


def _folders(root: Path) -> list[Path]:
    return sorted(entry for entry in root.iterdir() if entry.is_dir() and entry.name[0] not in "._")


def chosen(items: Sequence[Item], classes: Sequence[str], source: Path) -> list[Item]:
    """The items of some classes.

    Raises
    ------
    DataError
        A class has no item; the message tells which classes there are.
    """
    there = sorted({item.label for item in items})
    for name in classes:
        if name not in there:
            known = ", ".join(map(repr, there[:20])) + (", …" if len(there) > 20 else "")
            raise DataError(f"digits: there is no class {name!r} in {source}; its classes are {known}")
    return [item for item in items if item.label in set(classes)]


def divided(
    items: Sequence[Item], classes: Sequence[str], held_out: float, seed: int, source: Path
) -> list[Item]:
    """The items of some classes, each with its part.

    What the files name stays. A part, test or validation, that they do not name is drawn from what is for training:
    ``held_out`` of each class, at least one item. The draw of a class depends on its name, its items and the seed
    alone, not on the other classes.

    Raises
    ------
    DataError
        A class is not there, has too few items, or none in some part.
    """
    named = {item.part for item in items}
    items = chosen(items, classes, source)
    parts = np.array([item.part or "train" for item in items], dtype="U10")
    labels = np.array([item.label for item in items])
    for number, part in enumerate(("test", "validation")):
        if part in named:
            continue
        for label in np.unique(labels):
            members = np.flatnonzero((labels == label) & (parts == "train"))
            n = max(1, round(held_out * len(members)))
            if n >= len(members):
                raise DataError(
                    f"{source}: class {str(label)!r} has {len(members)} items to draw {part} from; too few"
                )
            rng = np.random.default_rng([seed, number, zlib.crc32(label.encode())])
            parts[rng.permutation(members)[:n]] = part
    for label in np.unique(labels):
        for part in PARTS:
            if not np.any((labels == label) & (parts == part)):
                raise DataError(f"{source}: class {str(label)!r} has no items for {part}")
    return [replace(item, part=str(part)) for item, part in zip(items, parts, strict=True)]


def content_sha256(items: Sequence[Item]) -> str:
    """sha256 over all items in the order of their names: name, class, part, speaker and the bytes of their files.

    A file that holds many items is read once.
    """
    digest = hashlib.sha256()
    for item in sorted(items, key=lambda item: item.name):
        digest.update("\0".join((item.name, item.label, item.part, item.speaker, "")).encode())
    for path in dict.fromkeys(item.path for item in sorted(items, key=lambda item: item.name)):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error})") from None
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()
