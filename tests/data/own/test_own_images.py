"""The user's own images: IDX, npz, a folder per class; any size, any names of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.own_data import bars, fashion, idx
from spikingsampling.data import ImageData, load_images
from spikingsampling.errors import DataError


@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files_keep_their_split(tmp_path: Path, zipped: bool) -> None:
    data = ImageData(images=str(fashion(tmp_path / "fashion", zipped=zipped)))
    train, validation, test = (load_images(data, part, (3, 7)) for part in ("train", "validation", "test"))
    assert [len(part) for part in (train, validation, test)] == [
        10,
        2,
        4,
    ]  # 12 for training, of which 1 each held out
    assert test.labels.tolist() == [3, 7, 3, 7]
    for images in (train, validation, test):
        np.testing.assert_allclose(images.images[:, 0, 0], images.labels * 25 / 255, rtol=1e-6)
    assert test.shape == (28, 28)


def test_classes_by_name_are_numbered_in_their_order(tmp_path: Path) -> None:
    data = ImageData(images=str(bars(tmp_path / "bars")))
    images = load_images(data, "train", ("top", "left"))
    assert images.shape == (12, 16)
    assert sorted(set(images.labels.tolist())) == [0, 1]
    top = images.images[images.labels == 0]
    assert (top[:, :6] > 0.6).all()
    assert (top[:, 6:] == 0).all()


def test_images_are_scaled_and_keep_their_grey(tmp_path: Path) -> None:
    folder = bars(tmp_path / "bars")
    Image.fromarray(np.full((30, 30), 255, np.uint8)).save(folder / "left" / "big.png")
    data = ImageData(images=str(folder))
    with pytest.raises(
        DataError, match=r"big.png has 30 x 30 pixels and left/0.* 12 x 16: give the height and width"
    ):
        [load_images(data, part, ("left", "top")) for part in ("train", "validation", "test")]
    scaled = data.replace(image_shape=(6, 8))
    everything = [load_images(scaled, part, ("top",)) for part in ("train", "validation", "test")]
    assert {images.shape for images in everything} == {(6, 8)}
    means = np.concatenate([images.images.mean(axis=(1, 2)) for images in everything])
    assert np.allclose(means.mean(), 0.5 * 0.85, atol=0.02)  # uniform from 0.7 to 1 in one half


@pytest.mark.parametrize(
    ("mode", "value", "grey"),
    [
        ("L", 51, 0.2),
        ("RGB", (51, 51, 51), 0.2),
        ("I;16", 13107, 0.2),
        ("LA", (255, 51), 0.2),
        ("RGBA", (255, 255, 255, 0), 0),
    ],
)
def test_modes_of_image_files(tmp_path: Path, mode: str, value: object, grey: float) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(3):
            image = (
                Image.fromarray(np.full((3, 4), value, np.uint16))
                if mode == "I;16"
                else Image.new(mode, (4, 3), value)
            )
            image.save(tmp_path / name / f"{number}.png")
    images = load_images(ImageData(images=str(tmp_path)), "train", ("a", "b")).images
    np.testing.assert_allclose(images, grey, atol=1e-3)


def archive(path: Path, **arrays: np.ndarray) -> ImageData:
    np.savez(path, **arrays)
    return ImageData(images=str(path))


def test_npz_with_one_or_several_parts(tmp_path: Path) -> None:
    images = np.zeros((40, 5, 6), np.uint8)
    labels = np.repeat([0, 1], 20)
    images[labels == 1] = 255
    one = archive(
        tmp_path / "one.npz", images=images, labels=labels, class_names=np.array(["dark", "bright"])
    )
    sizes = [len(load_images(one, part, ("bright", "dark"))) for part in ("train", "validation", "test")]
    assert sizes == [
        28,
        6,
        6,
    ]  # 3 of 20 of each class for testing, as many of the remaining 17 for validation
    assert load_images(one, "test", ("bright",)).images.min() == 1
    several = archive(
        tmp_path / "several.npz",
        x_train=images / 255,
        y_train=labels,
        x_test=images[::4] / 255,
        y_test=labels[::4],
    )
    assert len(load_images(several, "test", (0, 1))) == 10
    assert len(load_images(several, "train", (0, 1))) == 34


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    good = np.zeros((4, 2, 2), np.uint8)
    for name, arrays, message in (
        ("a", {"x": good}, r"a.npz: has the arrays x; must have images and labels"),
        (
            "b",
            {"images": good, "labels": np.zeros(3, int)},
            r"b.npz: labels must hold one label for each of the 4",
        ),
        (
            "c",
            {"images": good + 1.5, "labels": np.zeros(4, int)},
            r"c.npz: images: grey values of type float64 must",
        ),
        ("d", {"images": good[:, 0], "labels": np.zeros(4, int)}, r"d.npz: images has shape \(4, 2\)"),
        ("e", {"images": good, "labels": np.zeros(4)}, r"e.npz: labels has the type float64"),
        (
            "f",
            {"images": good, "labels": np.full(4, 7), "class_names": np.array(["a"])},
            "do not fit 1 class_names",
        ),
    ):
        with pytest.raises(DataError, match=message):
            load_images(archive(tmp_path / f"{name}.npz", **arrays), "train", (0,))
    with pytest.raises(
        DataError, match=r"data.images = '/nowhere': must be a folder or an .npz file that is there"
    ):
        load_images(ImageData(images="/nowhere"), "train", (0,))
    folder = bars(tmp_path / "bars")
    (folder / "left" / "00.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"left/00.png: cannot be read as an image"):
        [
            load_images(ImageData(images=str(folder)), part, ("left",))
            for part in ("train", "validation", "test")
        ]
    with pytest.raises(DataError, match=r"no class 'cat' in .*bars; its classes are 'left', 'top'"):
        load_images(ImageData(images=str(folder)), "train", ("cat", "top"))


def test_idx_files_that_do_not_fit(tmp_path: Path) -> None:
    folder = fashion(tmp_path / "fashion", zipped=False)
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(5)))
    with pytest.raises(DataError, match="60 images do not fit 5 labels in train-labels-idx1-ubyte"):
        load_images(ImageData(images=str(folder)), "train", (0,))
    (folder / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="there is no file of its labels, train-labels-idx1-ubyte"):
        load_images(ImageData(images=str(folder)), "train", (0,))
