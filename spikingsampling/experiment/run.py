"""A run of a protocol: its seeds, simulations, log and figures."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from ..errors import Interrupted
from ..simulation.progress import Progress
from ..tables import Summarised, Table
from .configuration import ProtocolConfiguration, flatten
from .interruption import Interruption

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..network.description import Network
    from ..recording.settings import Recording
    from ..simulation.moment import Moment
    from ..simulation.simulation import Simulation
    from ..simulation.stimuli import Stimuli

__all__ = ["Run"]

C = TypeVar("C", bound=ProtocolConfiguration)


class Run(Summarised, Generic[C]):
    """What a protocol gets to work with.

    Parameters
    ----------
    configuration : ProtocolConfiguration
    directory : Path
        The run directory; it exists.
    resuming : bool
        Whether an earlier part of this run is in the directory.
    figures : bool
        Whether :meth:`save_figure` writes anything.
    figure_format : {"png", "pdf", "svg"}
    progress : Progress, optional
    interruption : Interruption, optional
    """

    def __init__(
        self,
        configuration: C,
        directory: Path,
        *,
        resuming: bool = False,
        figures: bool = True,
        figure_format: str = "png",
        progress: Progress | None = None,
        interruption: Interruption | None = None,
    ) -> None:
        self.configuration = configuration
        self.directory = directory
        self.resuming = resuming
        self.figures_enabled, self._figure_format = figures, figure_format
        self.progress = Progress() if progress is None else progress
        self.log = logging.getLogger("spikingsampling.run")
        self._interruption = Interruption() if interruption is None else interruption

    def summary(self) -> tuple[str, list[Table]]:
        """Directory and seed; all settings."""
        settings = flatten(self.configuration.to_mapping())
        table = Table(("setting", "value"), [(name, str(value)) for name, value in settings.items()])
        return f"seed {self.configuration.seed} in {self.directory}", [table]

    @property
    def seeds(self) -> np.random.SeedSequence:
        """The root of all randomness of the run, a new object at each access."""
        return np.random.SeedSequence(self.configuration.seed)

    def stream(self, name: str) -> np.random.SeedSequence:
        """The seed of one named stream of randomness.

        It depends on the seed of the run and the name only, so that a new stream never shifts the others. The
        same name gives the same seed: use one name per use.
        """
        digest = hashlib.sha256(name.encode()).digest()
        key = tuple(int(word) for word in np.frombuffer(digest, dtype="<u4"))
        return np.random.SeedSequence(self.configuration.seed, spawn_key=key)

    def rng(self, name: str) -> np.random.Generator:
        """A generator of one named stream of randomness, at its start; see :meth:`stream`."""
        return np.random.default_rng(self.stream(name))

    @property
    def interrupted(self) -> bool:
        """Whether the user has asked to stop; a simulation looks between segments."""
        return self._interruption.requested

    def stop_if_interrupted(self) -> None:
        """Raise :class:`~spikingsampling.errors.Interrupted` if the user has asked to stop.

        Call it when everything so far is saved.
        """
        if self.interrupted:
            raise Interrupted

    def simulation(
        self,
        network: Network,
        stimuli: Stimuli,
        *,
        stream: str,
        part: str | None = None,
        start: Moment | None = None,
        segment: float = 60.0,
        dt: float = 1e-3,
        recording: Recording | None = None,
    ) -> Simulation:
        """A simulation of this run: with its seed, engine, directory and progress, resumed where the run is.

        Parameters
        ----------
        network : Network
        stimuli : Stimuli
        stream : str
            Name of the stream of randomness; simulations that share it draw the same numbers.
        part : str, optional
            Folder inside the run directory for the recording, where a run has several.
        start : Moment, optional
            Where another simulation stood.
        segment : float
            Time between checkpoints (s).
        dt : float
            Time step (s).
        recording : Recording, optional

        Raises
        ------
        As :class:`~spikingsampling.simulation.simulation.Simulation`.
        """
        from ..simulation.simulation import Simulation

        c = self.configuration
        directory = self.directory / part if part else self.directory
        return Simulation(
            network,
            stimuli,
            seed=self.stream(stream),
            start=start,
            engine=c.engine,
            segment=segment,
            dt=dt,
            directory=directory,
            # A part whose folder is not there yet has not begun.
            resuming=self.resuming and directory.is_dir(),
            recording=recording,
            attributes={"part": part or "", "seed": c.seed, "configuration": c.to_toml()},
            progress=self.progress,
            after_segment=self.stop_if_interrupted,
        )

    def draw(self, figures: Callable[..., None], *arguments: Any, **options: Any) -> None:
        """``figures(save_figure, *arguments, **options)``, or nothing with ``--no-figures``: figures take long."""
        if self.figures_enabled:
            figures(self.save_figure, *arguments, **options)

    def save_figure(self, name: str, figure: Figure, caption: str = "") -> None:
        """Write ``figures/NAME.png`` (or ``.pdf``, ``.svg``) with its caption, and close the figure.

        Nothing is written with ``--no-figures``.
        """
        from matplotlib import pyplot  # slow to import

        from ..plotting.saving import write_figure

        if self.figures_enabled:
            folder = self.directory / "figures"
            folder.mkdir(exist_ok=True)
            write_figure(folder / f"{name}.{self._figure_format}", figure, caption)
        pyplot.close(figure)
