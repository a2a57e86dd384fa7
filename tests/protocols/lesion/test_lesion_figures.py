"""The figures of the lesion experiment show the course that they are given."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers.small.recall_courses import AUDITORY_TO_VISUAL, INPUT, VISUAL_TO_AUDITORY, course, tuning
from helpers.small.tasks import make_task
from spikingsampling.models.association import AssociationParameters, association_network
from spikingsampling.protocols.studies.lesion import figures, rewiring_figures
from spikingsampling.protocols.studies.lesion.recall import RecallCourse
from spikingsampling.protocols.studies.lesion.rewiring import ConnectionMoment

NETWORK = association_network(AssociationParameters(n_circuits=2, circuit_size=2), 784, 616)
THETA = np.linspace(-1, 2, 784 * 4)


def with_network(shift: float = 0.0) -> RecallCourse:
    """The course with parameters of a network of 4 visual neurons."""
    theta = {INPUT: THETA}
    return RecallCourse(tuple(replace(test, theta=test.theta | theta) for test in course(shift).tests))


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Figure, str]]:
    saved: dict[str, tuple[Figure, str]] = {}

    def save(name: str, figure: Figure, caption: str = "") -> None:
        saved[name] = (figure, caption)

    experiment = SimpleNamespace(context=SimpleNamespace(save_figure=save), task=make_task(), network=NETWORK)
    figures.save_figures(experiment, {"sampling": with_network(), "map": with_network(0.05)})
    return saved


def curves(figure: Figure) -> list[list[float]]:
    """Ordinates of each condition: its parts before, between and after the lesions joined."""
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) and line.get_linewidth() == 1.6]
    parts = [line.get_ydata() for line in lines]
    return [np.concatenate(parts[3 * k : 3 * k + 3]).tolist() for k in range(len(parts) // 3)]


def test_curves_of_both_conditions(drawn: dict[str, tuple[Figure, str]]) -> None:
    accuracies = [0.9, 0.5, 0.7, 0.84, 0.3, 0.6, 0.78]
    np.testing.assert_allclose(curves(drawn["recall"][0]), [accuracies, np.add(accuracies, 0.05)])
    closest = [0.8, 0.4, 0.45, 0.6, 0.2, 0.35, 0.5]
    np.testing.assert_allclose(curves(drawn["reconstruction"][0]), [closest, closest])
    assert curves(drawn["lateral_synapses"][0]) == [[4, 2, 3, 4, 0, 2, 4]] * 2
    ax = drawn["recall"][0].axes[0]
    assert ax.get_xlabel() == "learning time since lesion 1 (min)"
    assert [text.get_text() for text in ax.texts] == ["lesion 1", "lesion 2"]
    lesions = [
        line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--" and line.get_lw() == 1
    ]
    np.testing.assert_allclose(lesions, [0, 3])
    assert all(caption for _, caption in drawn.values())


def test_reconstructions_at_the_moments_that_matter(drawn: dict[str, tuple[Figure, str]]) -> None:
    axes = drawn["reconstructed_images"][0].axes
    assert [ax.get_title() for ax in axes[:4]] == [
        f"{condition}\nhears “{digit}”" for condition in ("T = 1", "T = 0 (MAP)") for digit in (1, 2)
    ]
    assert [ax.get_ylabel() for ax in axes[::4]] == [
        "mean training\nimage (truth)",
        "before the lesions",
        "just after\nlesion 1",
        "3 min after\nlesion 1",
        "just after\nlesion 2",
        "5 min after\nlesion 2",
    ]
    shown = [float(ax.images[0].get_array()[3, 5]) for ax in axes[4:]]
    assert shown == pytest.approx([x for c in (0.8, 0.4, 0.6, 0.2, 0.5) for x in (1 + c, 3, 1 + c, 3)])
    rates, digits = make_task().rates("visual_input", "train")
    truth = rates[digits == 2].mean(axis=0).reshape(28, 28)
    np.testing.assert_allclose(axes[1].images[0].get_array(), truth)


def test_receptive_fields_before_and_after_the_first_recovery(drawn: dict[str, tuple[Figure, str]]) -> None:
    before, recovered = (drawn[f"receptive_fields_{name}"][0] for name in ("before", "recovered"))
    assert "before the lesions" in before.get_suptitle()
    assert recovered.get_suptitle() == "3 min after lesion 1, T = 1"
    assert [ax.get_title() for ax in before.axes[:4]] == ["2: 0.75", "1: 0.43", "2: 1.00", "1: 0.00"]
    projection = NETWORK.projection(INPUT)
    (synapse,) = np.flatnonzero((projection.pre_index == 3 * 28 + 5) & (projection.post_index == 2))
    assert before.axes[2].images[0].get_array()[3, 5] == pytest.approx(np.exp(THETA[synapse] - 3))


def test_connections_are_a_matrix_from_auditory_to_visual_neurons() -> None:
    network = association_network(AssociationParameters(n_circuits=2, circuit_size=2), 5, 3)
    projection = network.projection(AUDITORY_TO_VISUAL)
    n = len(projection)
    active = np.arange(n) % 3 == 0
    new = np.arange(n) == 6
    everything = np.ones(n, dtype=bool)
    figure = rewiring_figures.connection_figure(
        network,
        {"trained": ConnectionMoment(everything, active, new)},
        {"auditory": tuning(), "visual": tuning()},
    )
    order = tuning().order
    place = (
        order.tolist().index(projection.pre_index[6]),
        order.tolist().index(projection.post_index[6]),
    )
    assert projection.pre_index[6] != projection.post_index[6]
    assert np.argwhere(figure.axes[2].images[0].get_array() == 2).tolist() == [list(place)]
    assert [ax.get_title() for ax in figure.axes[:3]] == ["potential: 16", "active: 6", "new: 1"]
    assert VISUAL_TO_AUDITORY != AUDITORY_TO_VISUAL
