"""The user's own images: IDX files, an .npz file, or a folder per class."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spikingsampling.data.mnist import parse_idx, read_payload
from spikingsampling.data.own.items import PARTS, Item, by_folder
from spikingsampling.errors import DataError

__all__ = ["ImageFiles", "open_images"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff", ".webp")
#: Image files of the IDX format are called so; the files of labels have "labels" and "idx1".
_IDX = re.compile(r"(?P<part>train|t10k|test|validation)-images[-.]idx3-ubyte(\.gz)?$")
_DEEP = {"I;16", "I;16B", "I;16L", "I"}

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ImageFiles:
    """Images that are there.

    Attributes
    ----------
    items : list of Item
    stack : (n, height, width) array, optional
        All images where one file holds many; None where each item is a file of its own.
    """

    items: list[Item]
    stack: Floats | None = None

    def read(self, indices: Sequence[int], shape: tuple[int, int] | None) -> Floats:
        """Some images (n, height, width) in [0, 1], scaled to ``shape`` if given.

        Raises
        ------
        DataError
            A file cannot be read, or images differ in size and there is no ``shape``.
        """
        images: list[Floats] = []
        for index in indices:
            image = _read(self.items[index].path) if self.stack is None else self.stack[index]
            images.append(image if shape is None else _scaled(image, shape))
            if images[-1].shape != images[0].shape:
                first, this = (self.items[i].name for i in (indices[0], index))
                raise DataError(
                    f"{this} has {_size(images[-1])} pixels and {first} {_size(images[0])}: give the height and width "
                    "to which all are scaled, for example data.image_shape=[28, 28]"
                )
        return np.array(images, dtype=np.float32)


def _size(image: Floats) -> str:
    return " x ".join(map(str, image.shape))


def _read(path: Path) -> Floats:
    try:
        with Image.open(path) as image:
            image.load()
            if image.mode in _DEEP:
                return np.asarray(image, dtype=np.float32) / 65535
            alpha = (
                np.asarray(image.convert("LA"), dtype=np.float32)[..., 1] / 255
                if "A" in image.getbands()
                else 1
            )
            return (
                np.asarray(image.convert("L"), dtype=np.float32) / 255 * alpha
            )  # what is transparent is background
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as an image ({error})") from None


def _scaled(image: Floats, shape: tuple[int, int]) -> Floats:
    scaled = Image.fromarray(np.ascontiguousarray(image, dtype=np.float32)).resize(
        shape[::-1], Image.Resampling.BILINEAR
    )
    return np.clip(np.asarray(scaled, dtype=np.float32), 0, 1)


def open_images(path: Path) -> ImageFiles:
    """The images of a path: a folder with IDX files or with a folder per class, or an ``.npz`` file.

    Raises
    ------
    DataError
        It is none of these, or is damaged.
    """
    if path.suffix == ".npz" and path.is_file():
        return _open_npz(path)
    if not path.is_dir():
        raise DataError(f"data.images = {str(path)!r}: must be a folder or an .npz file that is there")
    found = sorted(file for file in path.iterdir() if _IDX.search(file.name))
    return _open_idx(path, found) if found else ImageFiles(by_folder(path, SUFFIXES))


def _open_idx(root: Path, files: Sequence[Path]) -> ImageFiles:
    items: list[Item] = []
    stacks: list[Floats] = []
    seen: dict[str, Path] = {}
    for file in files:
        match = _IDX.search(file.name)
        assert match is not None
        part = {"t10k": "test"}.get(match["part"], match["part"])
        if part in seen:
            raise DataError(
                f"{root}: {seen[part].name} and {file.name} both hold images for {part}; must be one"
            )
        seen[part] = file
        label_file = file.with_name(file.name.replace("-images", "-labels").replace("idx3", "idx1"))
        if not label_file.is_file():
            raise DataError(f"{file}: there is no file of its labels, {label_file.name}")
        images = parse_idx(_payload(file), 3, str(file))
        labels = parse_idx(_payload(label_file), 1, str(label_file))
        if len(images) != len(labels):
            raise DataError(
                f"{file}: {len(images)} images do not fit {len(labels)} labels in {label_file.name}"
            )
        stacks.append(images.astype(np.float32) / 255)
        names = [f"{file.name}[{number:08d}]" for number in range(len(labels))]
        items += [Item(file, name, str(label), part) for name, label in zip(names, labels, strict=True)]
    if len({stack.shape[1:] for stack in stacks}) > 1:
        raise DataError(f"{root}: its IDX files hold images of different sizes")
    return ImageFiles(items, np.concatenate(stacks))


def _payload(file: Path) -> bytes:
    try:
        return read_payload(file) if file.suffix == ".gz" else file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error})") from None


def _open_npz(path: Path) -> ImageFiles:
    """``images`` and ``labels``, or ``x_PART`` and ``y_PART`` of the parts; ``class_names`` for labels in numbers."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as an .npz file ({error})") from None
    pairs = {"": ("images", "labels"), **{part: (f"x_{part}", f"y_{part}") for part in PARTS}}
    present = {part: names for part, names in pairs.items() if names[0] in arrays}
    if not present or ("" in present and len(present) > 1):
        raise DataError(
            f"{path}: has the arrays {', '.join(sorted(arrays)) or 'none'}; must have images and labels, or x_train, "
            "y_train, x_test and y_test"
        )
    items: list[Item] = []
    stacks: list[Floats] = []
    for part, (x, y) in present.items():
        if y not in arrays or arrays[y].ndim != 1 or len(arrays[y]) != len(arrays[x]):
            raise DataError(f"{path}: {y} must hold one label for each of the {len(arrays[x])} images of {x}")
        stacks.append(_grey(arrays[x], f"{path}: {x}"))
        labels = _names(arrays[y], arrays.get("class_names"), f"{path}: {y}")
        items += [Item(path, f"{x}[{number:08d}]", label, part) for number, label in enumerate(labels)]
    if len({stack.shape[1:] for stack in stacks}) > 1:
        raise DataError(f"{path}: its arrays hold images of different sizes")
    return ImageFiles(items, np.concatenate(stacks))


def _grey(images: NDArray, source: str) -> Floats:
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.dtype.kind not in "uf":
        raise DataError(
            f"{source} has shape {images.shape} and type {images.dtype}; must be (n, height, width), of unsigned "
            "integers or of numbers from 0 to 1"
        )
    scale = np.iinfo(images.dtype).max if images.dtype.kind == "u" else 1
    grey = images.astype(np.float32) / np.float32(scale)
    if grey.size and not (grey.min() >= 0 and grey.max() <= 1):
        raise DataError(f"{source}: grey values of type {images.dtype} must be in [0, 1]")
    return grey


def _names(labels: NDArray, names: NDArray | None, source: str) -> list[str]:
    if labels.dtype.kind not in "iuUS":
        raise DataError(f"{source} has the type {labels.dtype}; labels must be whole numbers or text")
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8")
    if names is None or labels.dtype.kind == "U":
        return [str(label) for label in labels]
    if labels.size and (labels.min() < 0 or labels.max() >= len(names)):
        raise DataError(
            f"{source}: labels from {labels.min()} to {labels.max()} do not fit {len(names)} class_names"
        )
    return [str(names[label]) for label in labels]
