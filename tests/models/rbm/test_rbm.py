"""The restricted Boltzmann machine as an estimator: its methods, conventions and errors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.inference.priors import GaussianMixturePrior, UniformPrior
from spikingsampling.models.rbm import RBM, free_energy

BIMODAL = GaussianMixturePrior(weights=(0.5, 0.5), means=(0.0, 1.0), sds=(0.15, 0.15))


def images(n: int = 60, n_visible: int = 12, seed: int = 3) -> np.ndarray:
    return (np.random.default_rng(seed).random((n, n_visible)) < 0.4).astype(float)


def test_persistent_differs_from_plain_and_uniform_prior_is_none():
    x = images()
    plain, persistent, uniform = (
        RBM(random_state=1, **s).fit(x).weights_
        for s in ({}, {"persistent": True}, {"prior": UniformPrior()})
    )
    assert not np.array_equal(plain, persistent)
    np.testing.assert_array_equal(plain, uniform)


def test_gaussian_visible_units_have_the_input_as_mean():
    model = RBM(2, visible="gaussian", random_state=0).initialise(2)
    model.weights_, model.visible_bias_ = np.array([[1.0, -2.0], [4.0, 8.0]]), np.array([0.5, 3.0])
    np.testing.assert_allclose(model.visible_mean([[1, 0], [1, 1]]), [[1.5, 1.0], [5.5, 9.0]])
    model.weights_ = np.zeros((2, 2))
    drawn = model.sample(4000, np.random.default_rng(0), steps=2)
    np.testing.assert_allclose(drawn.mean(axis=0), [0.5, 3.0], atol=4 / np.sqrt(4000))
    np.testing.assert_allclose(drawn.var(axis=0), 1, rtol=4 * np.sqrt(2 / 4000))


def test_modes_are_sampling_without_noise_and_without_prior():
    x = images()
    without_noise = RBM(mode="map", prior=BIMODAL, random_state=1).fit(x).weights_
    cold = RBM(mode="sampling", temperature=0.0, prior=BIMODAL, random_state=1).fit(x).weights_
    np.testing.assert_array_equal(without_noise, cold)
    flat = RBM(mode="map", random_state=1).fit(x).weights_
    np.testing.assert_array_equal(flat, RBM(mode="likelihood", prior=BIMODAL, random_state=1).fit(x).weights_)
    assert not np.array_equal(flat, without_noise)


def test_epochs_are_passes_through_the_data():
    x = images()
    thrice = RBM(n_epochs=3, random_state=1).fit(x)
    again = RBM(random_state=1).fit(x).partial_fit(x).partial_fit(x)
    np.testing.assert_array_equal(thrice.weights_, again.weights_)


def test_initial_parameters_have_their_own_means_and_spreads():
    law = {"weight_mean": 2.0, "weight_sd": 0.1, "bias_mean": -3.0, "bias_sd": 0.3}
    model = RBM(500, random_state=0, **law).initialise(600)
    for values, mean, sd in (
        (model.weights_, 2.0, 0.1),
        (model.visible_bias_, -3.0, 0.3),
        (model.hidden_bias_, -3.0, 0.3),
    ):
        assert abs(values.mean() - mean) < 4 * sd / np.sqrt(values.size)
        assert values.std() == pytest.approx(sd, rel=4 * np.sqrt(0.5 / values.size))


def test_a_reconstruction_passes_through_the_hidden_states():
    """Saturated hidden units: the first is on where the first pixel is, the second where it is off."""
    model = RBM(2, random_state=0).initialise(2)
    model.weights_ = np.array([[80.0, 1.0], [-80.0, 3.0]])
    model.visible_bias_, model.hidden_bias_ = np.array([0.0, 0.5]), np.array([-40.0, 40.0])
    expected = expit([[80.0, 1.5], [-80.0, 3.5]])
    np.testing.assert_allclose(
        model.reconstruct([[1, 0], [0, 1]], np.random.default_rng(0)), expected, rtol=1e-12
    )
    np.testing.assert_allclose(model.transform([[1, 0], [0, 1]]), [[1, 0], [0, 1]], atol=1e-12)


def test_reconstruction_and_sampling():
    model = RBM(3, random_state=0).fit(images(50, 4))
    rng = np.random.default_rng(0)
    assert model.reconstruct(images(50, 4), rng).shape == (50, 4)
    drawn = model.sample(4000, rng, steps=60)
    every = (np.arange(16)[:, None] >> np.arange(4) & 1).astype(float)
    expected = np.exp(model.log_likelihood(every)) @ every
    np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=4 * 0.5 / np.sqrt(4000))
    assert set(np.unique(drawn)) <= {0.0, 1.0}


def test_training_raises_the_likelihood():
    x = np.repeat(np.eye(6), 2, axis=1)[np.random.default_rng(0).integers(6, size=2000)]
    before = RBM(6, random_state=1, eta=1e-12, temperature=0.0).fit(x[:1])
    after = RBM(6, random_state=1, eta=5e-4, mode="likelihood").fit(x)
    assert after.log_likelihood(x).mean() > before.log_likelihood(x).mean() + 2
    np.testing.assert_allclose(
        after.score_samples(x), -free_energy(x, after.weights_, after.visible_bias_, after.hidden_bias_)
    )


#: Checks of scikit-learn that binary visible units cannot pass, and why.
NOT_FOR_BINARY_UNITS = dict.fromkeys(
    [
        "check_dict_unchanged",
        "check_dont_overwrite_parameters",
        "check_dtype_object",
        "check_estimators_dtypes",
        "check_estimators_fit_returns_self",
        "check_estimators_nan_inf",
        "check_estimators_overwrite_params",
        "check_estimators_pickle",
        "check_f_contiguous_array_estimator",
        "check_fit2d_1feature",
        "check_fit2d_1sample",
        "check_fit2d_predict1d",
        "check_fit_check_is_fitted",
        "check_fit_idempotent",
        "check_fit_score_takes_y",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_n_features_in",
        "check_n_features_in_after_fitting",
        "check_pipeline_consistency",
        "check_readonly_memmap_input",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_transformer_preserve_dtypes",
    ],
    "the data are not 0 and 1, which is refused",
) | {
    "check_positive_only_tag_during_fit": "negative data are refused, but so are most positive ones: no tag says that"
}


def test_estimator_conventions():
    """All of scikit-learn's checks pass with Gaussian visible units, and with binary ones those on binary data."""
    check_estimator(RBM(visible="gaussian", eta=1e-5), on_skip=None)
    results = check_estimator(RBM(), expected_failed_checks=NOT_FOR_BINARY_UNITS, on_skip=None)
    excepted = [result for result in results if result["status"] == "xfail"]
    assert {result["check_name"] for result in excepted} == set(NOT_FOR_BINARY_UNITS)
    for result in excepted:
        if result["check_name"] != "check_positive_only_tag_during_fit":
            assert "with binary visible units every value must be 0 or 1" in str(result["exception"])


def test_copies():
    model = RBM(2, random_state=np.random.SeedSequence(5), prior=BIMODAL)
    x = images()
    again = clone(model).fit(x)
    np.testing.assert_array_equal(model.fit(x).weights_, again.weights_)
    copy = pickle.loads(pickle.dumps(model)).partial_fit(x)
    np.testing.assert_array_equal(model.partial_fit(x).weights_, copy.weights_)
    assert list(model.get_feature_names_out()) == ["rbm0", "rbm1"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"k": 0}, r"RBM.k = 0: must be a whole number, at least 1"),
        ({"k": 1.5}, r"RBM.k = 1.5: must be a whole number"),
        ({"n_hidden": 0}, r"RBM.n_hidden = 0"),
        ({"temperature": -1.0}, r"RBM.temperature = -1.0: must be a finite number, at least 0"),
        ({"temperature": float("nan")}, r"RBM.temperature = nan"),
        ({"eta": 0.0}, r"RBM.eta = 0.0: must be more than 0"),
        ({"eta": -1e-4}, r"RBM.eta = -0.0001: must be more than 0"),
        ({"n_examples": float("inf")}, r"RBM.n_examples = inf"),
        ({"batch_size": True}, r"RBM.batch_size = True"),
        ({"prior": "flat"}, r"RBM.prior = 'flat': must be None or have log_density"),
        ({"bias_prior": 3}, r"RBM.bias_prior = 3"),
        ({"random_state": "x"}, r"RBM.random_state = 'x'"),
    ],
)
def test_bad_parameters(settings: dict, message: str):
    with pytest.raises(ParameterError, match=message):
        RBM(**settings).fit(images())


def test_bad_names():
    with pytest.raises(UnknownNameError, match=r"unknown RBM.mode 'samplng'; did you mean 'sampling'"):
        RBM(mode="samplng").fit(images())
    with pytest.raises(UnknownNameError, match=r"unknown RBM.visible 'real'"):
        RBM(visible="real").fit(images())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (images() * 0.5, "X holds 0.5: with binary visible units every value must be 0 or 1"),
        (np.where(images() > 0, np.nan, 0), "X contains NaN"),
        (images()[0], "Expected 2D array, got 1D array"),
        (np.empty((0, 5)), "0 sample"),
    ],
)
def test_bad_data(data: np.ndarray, message: str):
    with pytest.raises(ParameterError, match=message):
        RBM().fit(data)


def test_bad_hidden_states_and_counts():
    model, rng = RBM(3, random_state=0).fit(images()), np.random.default_rng(0)
    for Z, message in (
        (np.zeros((2, 4)), r"Z has shape \(2, 4\): must be \(n, 3\)"),
        ([[0, 1, np.nan]], "Z holds nan"),
        ([[0, 1, 1], [0]], "Z: must be an array, its rows are of unequal length"),
    ):
        with pytest.raises(ParameterError, match=message):
            model.visible_mean(Z)
    with pytest.raises(ParameterError, match="n = 0: must be a whole number, at least 1"):
        model.sample(0, rng)
    with pytest.raises(ParameterError, match=r"steps = 2.0: must be a whole number"):
        model.sample(1, rng, steps=2.0)
    with pytest.raises(ParameterError, match="n_visible = 0: must be a whole number"):
        RBM().initialise(0)


def test_wrong_number_of_features():
    with pytest.raises(ParameterError, match="X has 5 features, but RBM is expecting 12"):
        RBM(random_state=0).fit(images()).log_likelihood(images(3, 5))
