"""The stack that passes probabilities up, and the classifier that begins with its weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.models.descent import train
from spikingsampling.models.mlp import one_hot
from spikingsampling.models.rbm import RBM, DeepBeliefClassifier, DeepBeliefNetwork, contrastive_machine

RNG = np.random.default_rng(11)
X = RNG.random((60, 8), dtype=np.float32)
LABELS = (X[:, :4].sum(axis=1) > X[:, 4:].sum(axis=1)).astype(int)


def machine(n_hidden: int, seed: int, **options) -> RBM:
    return contrastive_machine(n_epochs=2, batch_size=10).set_params(
        n_hidden=n_hidden, random_state=seed, weight_sd=0.5, **options
    )


def stack() -> DeepBeliefNetwork:
    return DeepBeliefNetwork(
        [machine(5, 1), machine(3, 2)], np.random.default_rng(3), pass_up="probabilities"
    ).fit(X)


def test_probabilities_of_0_and_1_are_binary_states() -> None:
    states = (X > 0.5).astype(float)
    one, other = (machine(4, 7, visible=visible).fit(states) for visible in ("binary", "probability"))
    np.testing.assert_array_equal(one.weights_, other.weights_)


def test_the_machine_learns_from_probabilities_as_they_are() -> None:
    """One step of CD without hidden noise: units that are always on, so that Δb = η⟨x − x̂⟩ and Δw = Δb for each."""
    data = np.full((10, 8), 0.3)
    net = machine(2, 0, prior=None, n_epochs=1)
    net.initialise(8)
    net.weights_, net.hidden_bias_ = np.zeros((2, 8)), np.full(2, 50.0)
    net.visible_bias_ = np.full(8, 50.0)  # x̂ = 1
    net.partial_fit(data)
    np.testing.assert_allclose(net.visible_bias_ - 50, 0.1 * (0.3 - 1), rtol=1e-4)
    np.testing.assert_allclose(net.weights_, 0.1 * (0.3 - 1), rtol=1e-5)


def test_weight_decay_is_the_gaussian_prior() -> None:
    """Hidden units that are always off: weights fall by η l2 w and nothing else moves them."""
    net = contrastive_machine(eta=0.2, l2=0.05, n_epochs=1).set_params(n_hidden=2)
    net.initialise(8)
    net.weights_, net.hidden_bias_ = np.full((2, 8), 0.5), np.full(2, -90.0)
    net.partial_fit(X[:10])
    np.testing.assert_allclose(net.weights_, 0.5 * (1 - 0.2 * 0.05), rtol=1e-6)


def test_each_layer_learns_the_probabilities_of_the_one_below() -> None:
    net = stack()
    first = machine(5, 1).fit(X)
    second = machine(3, 2).fit(first.transform(X))
    np.testing.assert_array_equal(net.layers[0].weights_, first.weights_)
    np.testing.assert_array_equal(net.layers[1].weights_, second.weights_)
    np.testing.assert_array_equal(net.transform(X), second.transform(first.transform(X)))
    np.testing.assert_array_equal(net.transform(X, 1), first.transform(X))


def test_the_classifier_begins_as_the_stack() -> None:
    net = stack()
    activities = net.classifier(2).forward(X)
    np.testing.assert_allclose(activities[1], net.transform(X, 1), rtol=1e-5)
    np.testing.assert_allclose(activities[2], net.transform(X), rtol=1e-5)


def test_fine_tuning_moves_all_layers_and_leaves_the_stack() -> None:
    net, before = stack(), stack()
    tuned = net.fit_classifier(X, LABELS, 2, 5, eta=0.1)
    for number, layer in enumerate(net.layers):
        np.testing.assert_array_equal(layer.weights_, before.layers[number].weights_)
        assert not np.allclose(tuned.weights[number], layer.weights_.T)
    again, rng = before.classifier(2), before._rng
    train(again, X, one_hot(LABELS, 2), 5, rng, eta=0.1)
    np.testing.assert_array_equal(tuned.weights[2], again.weights[2])


def classifier(**options) -> DeepBeliefClassifier:
    defaults = {
        "hidden": (10, 6),
        "machine": machine(1, 0),
        "epochs": 60,
        "batch_size": 10,
        "random_state": 1,
    }
    return DeepBeliefClassifier(**{**defaults, **options})


@pytest.mark.parametrize("pretrain", [True, False])
def test_it_learns_labels_of_any_kind(pretrain: bool) -> None:
    names = np.array(["left", "right"])[LABELS]
    net = classifier(pretrain=pretrain).fit(X, names)
    assert list(net.classes_) == ["left", "right"]
    assert net.score(X, names) > 0.9
    probability = net.predict_proba(X)
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(net.predict(X), net.classes_[probability.argmax(axis=1)])
    assert (net.stack_ is None) is not pretrain


def test_the_same_seed_gives_the_same_network() -> None:
    one, other = (classifier(epochs=2).fit(X, LABELS) for _ in range(2))
    np.testing.assert_array_equal(one.network_.weights[0], other.network_.weights[0])
    third = classifier(epochs=2, random_state=2).fit(X, LABELS)
    assert not np.array_equal(one.network_.weights[0], third.network_.weights[0])


def test_layers_have_seeds_of_their_own_and_the_template_is_untouched() -> None:
    template = machine(1, 0)
    net = classifier(hidden=(8, 8), machine=template, epochs=0).fit(X, LABELS)
    first, second = (layer.initialise(8).weights_ for layer in net.stack_.layers)
    assert not np.array_equal(first, second)
    assert template.n_hidden == 1 and not hasattr(template, "weights_")


def test_it_is_an_estimator_of_scikit_learn() -> None:
    net = classifier(epochs=3)
    assert clone(net).get_params()["hidden"] == (10, 6)
    search = GridSearchCV(net, {"eta": [0.1, 0.3], "machine__eta": [0.05]}, cv=2).fit(X, LABELS)
    assert search.best_params_["machine__eta"] == 0.05
    assert search.predict(X).shape == (60,)


def test_few_labels_after_many_images() -> None:
    """Pretraining sees no label, and fine-tuning goes on from where it is."""
    net = classifier().fit_unlabelled(X)
    assert not hasattr(net, "network_")
    net.fine_tune(X[:20], LABELS[:20], 1)
    before = net.network_.weights[0].copy()
    net.fine_tune(X[:20], LABELS[:20], 1)
    assert not np.array_equal(net.network_.weights[0], before)
    np.testing.assert_allclose(before, net.network_.weights[0], atol=0.3)


def test_bad_arguments_are_told() -> None:
    with pytest.raises(
        ParameterError, match=r"X holds 1\.5: probabilities of visible units must lie from 0 to 1"
    ):
        machine(2, 0).fit(np.full((3, 8), 1.5))
    with pytest.raises(ParameterError, match="X holds -1: every value must lie from 0 to 1"):
        classifier().fit(-np.ones((3, 8)), LABELS[:3])
    with pytest.raises(ParameterError, match=r"y has shape \(3,\): must be \(60,\)"):
        classifier().fit(X, LABELS[:3])
    with pytest.raises(ParameterError, match=r"y holds 2: must be one of classes_"):
        classifier(epochs=1).fit(X, LABELS).fine_tune(X, LABELS + 1, 1)
    with pytest.raises(ParameterError, match="y: Unknown label type"):
        classifier().fit(X, X[:, 0])
    with pytest.raises(ParameterError, match=r"hidden = \(\): must have at least one layer"):
        classifier(hidden=()).fit(X, LABELS)
    with pytest.raises(UnknownNameError, match="probabilities"):
        DeepBeliefNetwork([machine(2, 0)], RNG, pass_up="probability")
    with pytest.raises(ParameterError, match="random_state = 'one'"):
        classifier(random_state="one").fit(X, LABELS)
