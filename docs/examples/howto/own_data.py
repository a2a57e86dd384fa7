"""
Use images and sounds of your own
=================================

The association experiments take a folder of images and a folder of sounds, with the names of their classes. Here both
are made first: vertical and horizontal bars, and low and high tones.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import soundfile
from PIL import Image

from spikingsampling.protocols.association.association import PROTOCOL
from spikingsampling.protocols.studies.association.configuration import make_task

folder = Path(tempfile.mkdtemp())
rng = np.random.default_rng(1)
rows, columns = np.mgrid[:20, :24]
time = np.arange(4000) / 8000  # s
for name, bar, frequency in (("vertical", columns < 12, 400), ("horizontal", rows < 10, 1500)):
    (folder / "images" / name).mkdir(parents=True)
    (folder / "sounds" / name).mkdir(parents=True)
    for number in range(20):
        image = (255 * bar * rng.uniform(0.6, 1, bar.shape)).astype(np.uint8)
        Image.fromarray(image).save(folder / "images" / name / f"{number}.png")
        tone = np.sin(2 * np.pi * frequency * rng.uniform(0.95, 1.05) * time)
        soundfile.write(folder / "sounds" / name / f"{number}.wav", 0.5 * tone, 8000)

# %%
# The settings name the folders and the classes. The command line takes the same:
#
# .. code-block:: console
#
#    spikingsampling run association --set data.images=images --set data.sounds=sounds \
#        --set 'digits=["vertical","horizontal"]'
#
# Nothing in these folders says what is for training, so 15 % of each class are drawn for testing and as many for
# validation. ``pinned`` writes down the hash of all files, as a run does when it begins.

configuration = PROTOCOL.configure(
    "quick",
    {
        "data": {"images": str(folder / "images"), "sounds": str(folder / "sounds")},
        "digits": ["vertical", "horizontal"],
    },
).pinned()
print("sha256 of the images:", configuration.data.images_sha256)
task = make_task(configuration)
for source, library in task.stimuli.libraries.items():
    print(f"{source}: {task.n_train[source]} of {len(library.labels)} items are for training")

# %%
# What the network will see and hear: the rates of its inputs for one item of each class.

figure, axes = plt.subplots(2, 2, figsize=(6, 4.5), layout="constrained")
for column, (label, name) in enumerate(task.names.items()):
    for row, (source, shape) in enumerate((("visual_input", task.image_shape), ("auditory_input", (8, -1)))):
        item = task.items(source, "train", label)[0]
        rates = task.stimuli.libraries[source].rates[item].reshape(shape)
        ax = axes[row, column]
        picture = ax.imshow(
            rates if row == 0 else rates.T, origin="upper" if row == 0 else "lower", aspect="auto"
        )
        ax.set(
            title=name if row == 0 else "",
            xlabel="frame" if row else "column",
            ylabel="channel" if row else "row",
        )
        figure.colorbar(picture, ax=ax, label="rate (Hz)")
