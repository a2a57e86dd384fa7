"""What the experiments with restricted Boltzmann machines share: settings, patterns, training, measures.

After Fournier's report (S0), section 4: one image at a time, and after every 500 images the L1 error of
the first reconstruction on training and held-out images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_serializer, field_validator
from scipy.stats import t as student

from spikingsampling.data import IMAGE_SHAPE, load_images, load_speech
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.run import Run
from spikingsampling.inference.priors import Prior, UniformPrior, prior_from_mapping, prior_to_mapping
from spikingsampling.models.rbm.machine import RBM
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.plotting.rbm import ErrorCurves
from spikingsampling.simulation.encoding import CochleagramParameters, mel_cochleagram
from spikingsampling.units import Number

__all__ = [
    "IMAGE_SHAPE",
    "Patterns",
    "RBMConfiguration",
    "RBMSettings",
    "Trajectory",
    "audio_levels",
    "bimodal",
    "error_curves",
    "error_metrics",
    "estimate",
    "image_patterns",
    "lesion",
    "pixel_probes",
    "reconstruction_error",
    "repetitions",
    "spread",
    "train",
    "trimodal",
]


#: The most examples of each part on which errors are measured.
_MAX_MEASURED = 500

Floats = NDArray[np.floating]


def bimodal(sd: float) -> dict[str, Any]:
    """½N(0, sd²) + ½N(1, sd²), as a configuration names it (B; S0)."""
    return {"kind": "mixture", "weights": [0.5, 0.5], "means": [0.0, 1.0], "sds": [sd, sd]}


def trimodal(sd: float) -> dict[str, Any]:
    """The same with a third component between the two (S0)."""
    return {"kind": "mixture", "weights": [1 / 3, 1 / 3, 1 / 3], "means": [0.0, 0.5, 1.0], "sds": [sd] * 3}


class RBMSettings(Parameters):
    """The machine and its learning rule, with the constants of S0."""

    n_hidden: int = quantity(9, "hidden units", low=1, high=10000, source="S0")
    mode: Literal["sampling", "map", "likelihood"] = Field(
        "sampling", description="prior, likelihood and noise; without noise; without noise and prior"
    )
    prior: Any = Field(default_factory=UniformPrior, description="prior of each weight; biases have none")
    eta: Number = quantity(1e-4, "η = bΔt", above=0, high=1, source="S0")
    n_examples: Number = quantity(
        100.0, "number N of independent examples the likelihood stands for", low=0, high=1e6, source="S0"
    )
    temperature: Number = quantity(1.0, "temperature T of the sampling", low=0, high=1e4, source="B")
    k: int = quantity(5, "Gibbs steps of contrastive divergence", low=1, high=10000, source="S0")
    persistent: bool = Field(False, description="chains go on where those of the image before ended")

    @field_validator("prior", mode="before")
    @classmethod
    def _read_prior(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return prior_from_mapping(value)
        if not isinstance(value, Prior):
            raise ValueError("must be a prior: an object with log_density, grad_log_density and sample")
        return value

    @field_serializer("prior")
    def _write_prior(self, prior: Any) -> dict[str, Any]:
        return prior_to_mapping(prior)

    def machine(self, n_visible: int, seed: np.random.SeedSequence, **changes: Any) -> RBM:
        """A machine with these settings and its initial parameters."""
        names = ("n_hidden", "mode", "prior", "eta", "n_examples", "temperature", "k", "persistent")
        settings = {name: getattr(self, name) for name in names}
        return RBM(**{**settings, "random_state": seed, **changes}).initialise(n_visible)


class RBMConfiguration(ProtocolConfiguration):
    """What the configurations of all these experiments have."""

    images: int = Field(6000, ge=1, le=10**8, description="images shown, one after the other")
    test_every: int = Field(500, ge=1, le=10**8, description="images between two measurements")
    repetitions: int = Field(5, ge=2, le=10000, description="runs, each with a seed of its own")
    rbm: RBMSettings = RBMSettings()


@dataclass(frozen=True)
class Patterns:
    """Training and held-out examples, (n, n_visible) each."""

    train: Floats
    test: Floats


def image_patterns(kind: str, digits: Sequence[int], rng: np.random.Generator) -> Patterns:
    """Binary images: each pixel is 1 with the probability of its grey value (S0, section 4.1)."""

    def binary(split: str) -> Floats:
        grey = load_images(kind, split, digits).images.reshape(-1, IMAGE_SHAPE[0] * IMAGE_SHAPE[1])
        return (rng.random(grey.shape, dtype=np.float32) < grey).astype(np.float32)

    return Patterns(binary("train"), binary("test"))


def audio_levels(kind: str, digits: Sequence[int], parameters: CochleagramParameters) -> Patterns:
    """Levels in [0, 1] of static mel spectra, (n, n_frames · n_channels), frame by frame."""

    def levels(split: str) -> Floats:
        speech = load_speech(kind, split, digits)
        return np.array(
            [mel_cochleagram(sound, speech.sample_rate, parameters).ravel() for sound in speech.waveforms]
        )

    return Patterns(levels("train"), levels("test"))


class Reconstructs(Protocol):
    """What can be trained here: machines of one and of two layers."""

    def partial_fit(self, X: Floats) -> Any:
        """Show X (n, n_visible), one after the other."""
        ...

    def reconstruct(self, X: Floats, rng: np.random.Generator) -> Floats:
        """Mean reconstructions of X, (n, n_visible)."""
        ...


def reconstruction_error(model: Reconstructs, X: Floats, rng: np.random.Generator) -> float:
    """Mean |x − x̂| of the first reconstruction x̂ (S0, section 4.2).

    For binary x its expectation given the hidden state is |x − p(x̂ = 1 | z)|, which is what is averaged:
    the same mean with less noise.
    """
    return float(np.abs(X - model.reconstruct(X, rng)).mean())


@dataclass
class Trajectory:
    """What was measured after each number of images."""

    steps: list[int] = field(default_factory=list)
    train_error: list[float] = field(default_factory=list)
    test_error: list[float] = field(default_factory=list)
    probes: dict[str, list[Any]] = field(default_factory=dict)

    def probe(self, name: str) -> NDArray[Any]:
        """What one probe returned, stacked along the first axis."""
        return np.array(self.probes[name])

    def error_at(self, step: int, which: str = "test_error") -> float:
        """The error measured last at this number of images."""
        index = len(self.steps) - 1 - self.steps[::-1].index(step)
        return getattr(self, which)[index]


def spread(X: Floats) -> Floats:
    """At most 500 examples, evenly spread: MNIST's test set begins with the cleaner half of its writers."""
    return X if len(X) <= _MAX_MEASURED else X[np.linspace(0, len(X) - 1, _MAX_MEASURED).astype(int)]


def _order(n: int, images: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of ``n`` examples to show: passes through all of them, each in a new random order."""
    passes = -(-images // n)
    return np.concatenate([rng.permutation(n) for _ in range(passes)])[:images]


def train(
    model: Reconstructs,
    patterns: Patterns,
    images: int,
    test_every: int,
    rng: np.random.Generator,
    *,
    probes: Mapping[str, Callable[[Any], Any]] | None = None,
    events: Mapping[int, Callable[[Any], None]] | None = None,
    trajectory: Trajectory | None = None,
) -> Trajectory:
    """Show images one after the other; measure at the start, after each ``test_every`` and at the end.

    Errors are means over at most 500 examples of each part, see :func:`spread`.

    Parameters
    ----------
    model : object with ``partial_fit`` and ``reconstruct``
        It is trained in place.
    patterns : Patterns
    images, test_every : int
    rng : Generator
        Order of the images, and then hidden states of the reconstructions.
    probes : mapping of str to callable
        Each takes the model when it is measured, and what it returns is kept.
    events : mapping of int to callable
        Done to the model after so many images; it is measured just before and just after.
    trajectory : Trajectory, optional
        An earlier one to go on with; images count on from its end.

    Returns
    -------
    Trajectory
    """
    trajectory = Trajectory() if trajectory is None else trajectory
    start = trajectory.steps[-1] if trajectory.steps else 0
    order = _order(len(patterns.train), images, rng)
    measured = {"train": spread(patterns.train), "test": spread(patterns.test)}
    events = {} if events is None else events
    stops = sorted({*range(0, images, test_every), images, *events} - {0})
    done = 0

    def measure() -> None:
        trajectory.steps.append(start + done)
        trajectory.train_error.append(reconstruction_error(model, measured["train"], rng))
        trajectory.test_error.append(reconstruction_error(model, measured["test"], rng))
        for name, probe in (probes or {}).items():
            trajectory.probes.setdefault(name, []).append(np.copy(probe(model)))

    measure()
    for stop in stops:
        model.partial_fit(patterns.train[order[done:stop]])
        done = stop
        measure()
        if stop in events:
            events[stop](model)
            measure()
    return trajectory


def estimate(values: Sequence[float], level: float = 0.95) -> dict[str, Any]:
    """Mean over repetitions with its Student t interval, as ``metrics.json`` holds it."""
    n, mean = len(values), float(np.mean(values))
    half = float(student.ppf((1 + level) / 2, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return {"value": mean, "n": n, "interval": [mean - half, mean + half]}


def error_curves(runs: Sequence[Trajectory]) -> ErrorCurves:
    """The errors of several runs for :func:`~spikingsampling.plotting.rbm.plot_errors`."""
    return ErrorCurves(runs[0].steps, [run.train_error for run in runs], [run.test_error for run in runs])


def error_metrics(name: str, runs: Sequence[Trajectory]) -> dict[str, Any]:
    """Errors of several runs at their end, the gap between them, and the mean held-out error over time."""
    return {
        f"{name}.train_error": estimate([run.train_error[-1] for run in runs]),
        f"{name}.test_error": estimate([run.test_error[-1] for run in runs]),
        f"{name}.generalisation_gap": estimate([run.test_error[-1] - run.train_error[-1] for run in runs]),
        f"{name}.curve": {
            "images": runs[0].steps,
            "test_error": np.mean([run.test_error for run in runs], axis=0),
        },
    }


def repetitions(context: Run[Any], n: int) -> Iterator[tuple[int, np.random.SeedSequence]]:
    """The number and the seed of each repetition; Ctrl-C stops between two of them."""
    for number in range(n):
        context.stop_if_interrupted()
        context.log.info("repetition %d of %d", number + 1, n)
        yield number, context.stream(f"repetition {number}")


def lesion(model: RBM, rng: np.random.Generator, part: float = 0.5) -> dict[str, NDArray[np.bool_]]:
    """Draw a random ``part`` of the weights and of each kind of bias anew, as at the start (S0, section 4.9).

    Returns
    -------
    dict
        Which elements of ``weights_``, ``visible_bias_`` and ``hidden_bias_`` were reset.
    """
    masks = {}
    for name, mean, sd in (
        ("weights_", model.weight_mean, model.weight_sd),
        ("visible_bias_", model.bias_mean, model.bias_sd),
        ("hidden_bias_", model.bias_mean, model.bias_sd),
    ):
        values = getattr(model, name).copy()
        chosen = np.zeros(values.size, dtype=bool)
        chosen[rng.permutation(values.size)[: round(part * values.size)]] = True
        masks[name] = chosen.reshape(values.shape)
        values[masks[name]] = rng.normal(mean, sd, int(chosen.sum()))
        setattr(model, name, values)
    return masks


def pixel_probes(pixels: Sequence[tuple[int, int]]) -> dict[str, Callable[[RBM], Any]]:
    """Probes for :func:`train`: parameters of some pixels (row, column), and visible biases above −1."""
    rows, columns = np.transpose(pixels)
    index = rows * IMAGE_SHAPE[1] + columns
    return {
        "weights": lambda model: model.weights_[:, index].T,  # (n_pixels, n_hidden)
        "biases": lambda model: model.visible_bias_[index],
        "hidden_biases": lambda model: model.hidden_bias_,
        "active": lambda model: int((model.visible_bias_ > -1).sum()),
    }
