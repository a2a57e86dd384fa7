"""
Figures for a paper
===================

A finished run draws its figures again, in another format and without simulating:

.. code-block:: console

    spikingsampling figures DIR --format pdf --out figures
    spikingsampling run association --figure-format svg
    spikingsampling compare sweep --metric audio_to_visual.accuracy --figure recall.pdf

Letters stay text in PDF and SVG, so that they can be edited. Two equal runs give equal files, for no date is written.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from spikingsampling.plotting.activity import plot_curves
from spikingsampling.plotting.saving import caption_of, write_figure

# %%
# Your own data, drawn like those of the protocols
# ------------------------------------------------
# The functions of :doc:`spikingsampling.plotting </reference/python/plotting>` return Matplotlib figures. They take
# arrays, not runs.

minutes = np.arange(0, 31, 5)
rising = 1 - 0.5 * np.exp(-minutes / 8)
figure = plot_curves(
    60 * minutes, {"with noise": rising, "without": 0.95 * rising}, ylabel="made-up accuracy", chance=0.5
)

# %%
# The width of a column
# ---------------------
# What comes back is yours to change before it is saved. A caption travels inside the file, and a report reads it there.

figure.set_size_inches(3.4, 2.4)
with TemporaryDirectory() as folder:
    path = Path(folder) / "recall.svg"
    write_figure(path, figure, "Recall over time, made up for this page.")
    print(caption_of(path))
