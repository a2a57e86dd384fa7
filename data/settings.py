"""What a protocol is shown: data of this package, published ones, or the user's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from spikingsampling.data.own.images import open_images
from spikingsampling.data.own.items import Item, content_sha256, divided
from spikingsampling.data.own.sounds import open_sounds, read_sounds
from spikingsampling.data.types import ClassName, ImageSet, SpeechSet, check_speakers, class_labels
from spikingsampling.errors import DataError
from spikingsampling.parameters import Parameters

__all__ = ["ImageData", "ImageSoundData"]

_HASH = "content of these files, written down when a run begins and checked when it goes on"


class ImageData(Parameters):
    """Where images come from; a text alone stands for ``source``."""

    shorthand: ClassVar[str] = "source"

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, value: Any) -> Any:
        return {cls.shorthand: value} if isinstance(value, str) else value

    source: Literal["embedded", "real"] = Field(
        "embedded",
        description="data sets made from what is installed, or published ones, where no path is given",
    )
    images: str | None = Field(
        None,
        description="images of your own: a folder of IDX files or with a folder per class, or an .npz file",
    )
    image_shape: tuple[int, int] | None = Field(
        None, description="height and width to which they are scaled; none for as they are"
    )
    images_sha256: str = Field("", description=_HASH)
    held_out: float = Field(
        0.15,
        gt=0,
        lt=0.5,
        description="part of each class of your own data that is for testing, and as much for validation, where the "
        "files do not say",
    )
    split_seed: int = Field(0, ge=0, lt=2**63, description="seed of that draw")

    def own_images(self, part: str, classes: Sequence[ClassName]) -> ImageSet:
        """Images of the user's.

        Parameters
        ----------
        part : {"train", "validation", "test"}
        classes : sequence of int or str

        Raises
        ------
        DataError
            A file is missing or damaged, or a class is not there.
        """
        path, labels = Path(self.images or ""), class_labels(classes)
        files = open_images(path)
        items = self._items(files.items, labels, path)
        index = {item.name: number for number, item in enumerate(files.items)}
        shown = [item for item in items if item.part == part]
        images = files.read([index[item.name] for item in shown], self.image_shape)
        return ImageSet(images, np.array([labels[item.label] for item in shown]), path.name)

    def pinned(self, classes: Sequence[ClassName]) -> Self:
        """The same settings with absolute paths and the hash of the user's files.

        Raises
        ------
        DataError
            A hash is there already, and the files have another one.
        """
        if self.images is None:
            return self
        path = Path(self.images).resolve()
        items = self._items(open_images(path).items, class_labels(classes), path)
        return self.replace(
            images=str(path), images_sha256=_checked(items, self.images_sha256, "images", path)
        )

    def _items(self, items: Sequence[Item], labels: dict[str, int], path: Path) -> list[Item]:
        return divided(items, list(labels), self.held_out, self.split_seed, path)


class ImageSoundData(ImageData):
    """Where images and sounds come from; a text alone stands for ``source``."""

    sounds: str | None = Field(
        None,
        description="sounds of your own: a folder with a folder of wav files per class (as Speech Commands has), "
        "or a CSV file with the columns file and label",
    )
    sample_rate: int | None = Field(
        None,
        ge=1000,
        le=384_000,
        description="rate in Hz to which they are converted; none for that of the files",
    )
    sounds_sha256: str = Field("", description=_HASH)

    def own_speakers(self, classes: Sequence[ClassName]) -> tuple[str, ...]:
        """Who speaks in the training part of the user's sounds."""
        items = self._sounds(classes)
        return tuple(sorted({item.speaker for item in items if item.part == "train"}))

    def own_speech(
        self, part: str, classes: Sequence[ClassName], speakers: Sequence[str] | None = None
    ) -> SpeechSet:
        """Sounds of the user's, as :meth:`own_images`; ``speakers`` None for all.

        Raises
        ------
        UnknownNameError
            A speaker is not there.
        """
        items = self._sounds(classes)
        names = check_speakers(speakers, sorted({item.speaker for item in items}))
        shown = [item for item in items if item.part == part and item.speaker in names]
        if not shown:
            raise DataError(f"{self.sounds}: speakers {', '.join(names)} have no sound for {part}")
        return read_sounds(shown, class_labels(classes), self.sample_rate, Path(self.sounds or ""))

    def pinned(self, classes: Sequence[ClassName]) -> Self:
        """As :meth:`ImageData.pinned`, and the same of the sounds."""
        settings = super().pinned(classes)
        if self.sounds is None:
            return settings
        path = Path(self.sounds).resolve()
        digest = _checked(self._sounds(classes), self.sounds_sha256, "sounds", path)
        return settings.replace(sounds=str(path), sounds_sha256=digest)

    def _sounds(self, classes: Sequence[ClassName]) -> list[Item]:
        path = Path(self.sounds or "")
        return self._items(open_sounds(path), class_labels(classes), path)


def _checked(items: Sequence[Item], expected: str, name: str, path: Path) -> str:
    digest = content_sha256(items)
    if expected and digest != expected:
        raise DataError(f"data.{name}_sha256 = {expected!r}: the content of {path} has the sha256 {digest}")
    return digest
