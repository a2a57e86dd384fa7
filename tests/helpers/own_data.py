"""Small data sets on disk in the forms that users have: IDX, images and sounds by class, Speech Commands."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

RATE = 16_000


def idx(array: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def fashion(folder: Path, n_train: int = 60, n_test: int = 20, *, zipped: bool = True) -> Path:
    """Ten classes of 28 x 28 images in the four files of Fashion-MNIST; pixel (0, 0) holds the class times 25."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    for part, n in (("train", n_train), ("t10k", n_test)):
        labels = np.arange(n) % 10
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        images[:, 0, 0] = labels * 25
        for name, array in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            content = idx(array)
            (folder / (name + ".gz" * zipped)).write_bytes(gzip.compress(content) if zipped else content)
    return folder


def bars(folder: Path, n: int = 20, shape: tuple[int, int] = (12, 16)) -> Path:
    """A folder of images per class: vertical and horizontal bars, called left and top."""
    rng = np.random.default_rng(6)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    for name, bar in (("left", columns < shape[1] // 2), ("top", rows < shape[0] // 2)):
        (folder / name).mkdir(parents=True)
        for number in range(n):
            grey = (255 * bar * rng.uniform(0.7, 1, shape)).astype(np.uint8)
            Image.fromarray(grey).save(folder / name / f"{number:02d}.png")
    return folder


def tone(frequency: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Half a second of a tone with a little noise."""
    time = np.arange(rate // 2) / rate
    return 0.3 * np.sin(2 * np.pi * frequency * time) + 0.01 * np.random.default_rng(seed).normal(
        size=time.size
    )


def commands(folder: Path, n: int = 20, names: tuple[str, ...] = ("left", "top")) -> Path:
    """A folder as Speech Commands has it: four speakers, lists of what is for validation and testing, noise beside."""
    lists: dict[str, list[str]] = {"validation_list.txt": [], "testing_list.txt": []}
    for place, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(n):
            file = f"{name}/s{number % 4}_nohash_{number // 4}.wav"
            soundfile.write(folder / file, tone(500 * (1 + 2 * place), 100 * place + number), RATE)
            if number // 4 == 1:
                lists["validation_list.txt"].append(file)
            if number // 4 == 0:
                lists["testing_list.txt"].append(file)
    (folder / "_background_noise_").mkdir()
    soundfile.write(folder / "_background_noise_" / "hum.wav", tone(50, 1), RATE)
    for name, lines in lists.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder
