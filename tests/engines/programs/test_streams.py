"""The functions and random numbers of our templates, compiled on their own; the statistics of what they drive."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import spikingsampling.engines.templates as templates
from helpers.small.networks import FAST, PARAMETERS, begin, chance, engine_of, shown, small_network
from spikingsampling.engines.programs.compilation import find_compiler
from spikingsampling.engines.programs.streams import Stream

LIBRARY = """
#include "random.h"
using namespace spikingsampling;
extern "C" {
void exponentials(const double* x, double* y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = exponential(x[i]); }
void logarithms(const double* x, double* y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = logarithm(x[i]); }
void sines(const double* x, double* y, size_t n) { double c; for (size_t i = 0; i < n; i++) turn(x[i], y[i], c); }
void cosines(const double* x, double* y, size_t n) { double s; for (size_t i = 0; i < n; i++) turn(x[i], s, y[i]); }
void draw(int normal, size_t seed, const char* purpose, size_t piece, double* out, size_t n)
{
    Stream stream(seed, purpose);
    for (size_t i = 0; i < n; i += piece) {
        const size_t length = n - i < piece ? n - i : piece;
        if (normal) stream.normal(out + i, length); else stream.uniform(out + i, length);
    }
}
}
"""
FLAGS = ("-O3", "-ffast-math", "-fno-finite-math-only", "-std=c++11", "-fPIC")


@pytest.fixture(scope="module", params=["native", "plain"])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """For this processor, and for any of its family: without fused multiply-adds the functions are the library's."""
    folder = tmp_path_factory.mktemp("streams")
    (folder / "library.cpp").write_text(LIBRARY)
    include = f"-I{Path(templates.__file__).parent}"
    native = ["-march=native"] if request.param == "native" else []
    compiler = find_compiler()[0]
    command = [*compiler, *FLAGS, *native, include, "-c", "library.cpp"]
    subprocess.run(command, cwd=folder, check=True)
    # Linked without -ffast-math, which would switch off subnormal numbers in this process.
    subprocess.run([*compiler, "-shared", "library.o", "-o", "library.so"], cwd=folder, check=True)
    return ctypes.CDLL(str(folder / "library.so"))


def applied(library: ctypes.CDLL, name: str, x: np.ndarray) -> np.ndarray:
    y = np.empty_like(x)
    getattr(library, name)(
        ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data), ctypes.c_size_t(len(x))
    )
    return y


def draw(
    library: ctypes.CDLL, kind: str, n: int, seed: int = 1, purpose: str = "inputs", piece: int = 1000
) -> np.ndarray:
    out = np.empty(n)
    library.draw(
        ctypes.c_int(kind == "normal"),
        ctypes.c_size_t(seed),
        purpose.encode(),
        ctypes.c_size_t(piece),
        ctypes.c_void_p(out.ctypes.data),
        ctypes.c_size_t(n),
    )
    return out


# In units in the last place: half a unit by rounding the result, and as much by each of the last steps before: one for
# exp, four for log (s, its square, the sum of the series, the sum with k log 2).
@pytest.mark.parametrize(
    ("name", "exact", "points", "units"),
    [
        ("exponentials", np.exp, np.random.default_rng(0).uniform(-708, 709, 20_001), 1.0),
        ("exponentials", np.exp, np.random.default_rng(1).uniform(-1e-3, 1e-3, 20_001), 1.0),
        ("logarithms", np.log, np.random.default_rng(2).uniform(0, 1, 20_001), 2.5),
        ("logarithms", np.log, 1 - np.random.default_rng(3).uniform(0, 1e-6, 20_001), 2.5),
        ("logarithms", np.log, 10 ** np.random.default_rng(4).uniform(-307, 308, 20_001), 2.5),
    ],
)
def test_functions_are_exact_to_rounding(
    library: ctypes.CDLL, name: str, exact: Callable, points: np.ndarray, units: float
) -> None:
    value = exact(points.astype(np.longdouble))
    error = np.abs(applied(library, name, points) - value) / np.spacing(np.abs(value.astype(float)))
    assert error.max() <= units


def test_sine_and_cosine_of_a_turn(library: ctypes.CDLL) -> None:
    """In units of 2⁻⁵³: rounding an angle below 2π costs at most 4, the constant 2π itself 2.2, the result 1."""
    v = np.random.default_rng(0).uniform(0, 1, 20_001)
    angle = 8 * np.arctan(np.longdouble(1)) * v
    for name, exact in (("sines", np.sin), ("cosines", np.cos)):
        assert np.abs(applied(library, name, v) - exact(angle)).max() < 8 * 2.0**-53


def test_functions_at_their_ends(library: ctypes.CDLL) -> None:
    x = np.array([np.inf, -np.inf, np.nan, 710.0, -760.0, 0.0])
    np.testing.assert_array_equal(applied(library, "exponentials", x), [np.inf, 0, np.nan, np.inf, 0, 1])
    x = np.array([0.0, -0.0, -1.0, np.inf, np.nan, 1.0])
    expected = [-np.inf, -np.inf, np.nan, np.inf, np.nan, 0]
    np.testing.assert_array_equal(applied(library, "logarithms", x), expected)


@pytest.mark.parametrize("name", ["exponentials", "logarithms"])
def test_a_value_does_not_depend_on_its_place(library: ctypes.CDLL, name: str) -> None:
    """Vectors and what is left over at the end, wherever the memory begins, give the same bits."""
    x = np.random.default_rng(0).uniform(0.1, 3, 1003)
    whole = applied(library, name, x)
    for first in range(1, 9):
        np.testing.assert_array_equal(
            applied(library, name, x[first : 900 + first]), whole[first : 900 + first]
        )
    np.testing.assert_array_equal([applied(library, name, x[i : i + 1])[0] for i in range(1003)], whole)


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_the_law_of_the_numbers(library: ctypes.CDLL, kind: str) -> None:
    """By Kolmogorov and Smirnov, χ² of fine bins, and the moments; 12 tests share an error of 1e-3."""
    law = {"uniform": stats.uniform, "normal": stats.norm}[kind]
    bound = 1e-3 / 12
    for seed in (1, 2):
        x = draw(library, kind, 400_000, seed)
        assert stats.kstest(x, law.cdf).pvalue > bound
        counts = np.bincount((law.cdf(x) * 1000).astype(int).clip(0, 999), minlength=1000)
        assert stats.chisquare(counts).pvalue > bound
        serial = np.corrcoef(x[:-1], x[1:])[0, 1]
        assert 2 * stats.norm.sf(abs(serial) * np.sqrt(len(x))) > bound
        if kind == "uniform":
            assert x.min() >= 0 and x.max() < 1


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_streams_are_independent(library: ctypes.CDLL, kind: str) -> None:
    """Neighbouring seeds and other purposes: neither correlated nor shifted against each other."""
    n = 20_000
    keys = [(s, p) for s in (0, 1, 2, 3, 2**31, 2**32 - 1) for p in ("inputs", "input", "circuits", "prior")]
    x = np.array([draw(library, kind, n, seed, purpose) for seed, purpose in keys])
    pairs = np.corrcoef(x)[np.triu_indices(len(x), 1)]
    assert np.abs(pairs).max() < chance(len(pairs)) / np.sqrt(n)
    assert len(np.unique(x)) == x.size or kind == "uniform"
    for lag in (1, 4, 512, 1024):
        shifted = np.array([np.corrcoef(x[i, lag:], x[i + 1, :-lag])[0, 1] for i in range(len(x) - 1)])
        assert np.abs(shifted).max() < chance(4 * len(shifted)) / np.sqrt(n - lag)
    squares = np.corrcoef((x - x.mean()) ** 2)[np.triu_indices(len(x), 1)]
    assert np.abs(squares).max() < chance(len(squares)) / np.sqrt(n)


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_a_stream_does_not_depend_on_the_pieces_it_is_taken_in(library: ctypes.CDLL, kind: str) -> None:
    whole = draw(library, kind, 5000, piece=5000)
    for piece in (1, 7, 1023, 1024, 1025):
        np.testing.assert_array_equal(draw(library, kind, 5000, piece=piece), whole)


def test_the_uniform_numbers_are_those_in_numpy(library: ctypes.CDLL) -> None:
    for seed, purpose in ((1, "inputs"), (2**32 - 1, "draw_pre_codeobject")):
        stream = Stream(seed, purpose)
        pieces = np.concatenate([stream.random_sample(n) for n in (1, 0, 7, 1024, 2)])
        np.testing.assert_array_equal(pieces, draw(library, "uniform", 1034, seed, purpose))


def test_the_same_bits_wherever_the_arrays_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays on the heap or in pages of their own: another alignment for each vector instruction."""
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "vector")
    network = small_network(FAST)
    engine = engine_of("standalone", network)
    thetas = []
    for threshold in ("64", "100000000"):
        monkeypatch.setenv("GLIBC_TUNABLES", f"glibc.malloc.mmap_threshold={threshold}")
        outcome = engine.advance(begin(network), shown(2.0), "sampling", 5)
        thetas.append(outcome.state["feedforward.theta"].tobytes() + outcome.times.tobytes())
    engine.close()
    assert thetas[0] == thetas[1]


def quantities(templates: str, seeds: range, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Six quantities of 60 s from each seed, shape (seeds, 6)."""
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", templates)
    network = small_network(PARAMETERS)
    engine = engine_of("standalone", network)
    rows = []
    for seed in seeds:
        state, counts, gaps = begin(network), np.zeros(network.n_neurons), []
        for segment in range(3):
            outcome = engine.advance(
                state, shown(20.0, 100 * seed + segment), "sampling", 10 * seed + segment
            )
            state = outcome.state
            counts += np.bincount(outcome.neurons, minlength=network.n_neurons)
            gaps.append(np.diff(np.sort(outcome.times[network.circuit[outcome.neurons] == 0])))
        theta = np.concatenate([state["feedforward.theta"], state["lateral.theta"]])
        gap = np.concatenate(gaps)
        rows.append(
            [
                counts.sum(),
                counts.std(),
                gap.std() / gap.mean(),
                theta.mean(),
                theta.std(),
                (theta > 0).mean(),
            ]
        )
    engine.close()
    return np.array(rows)


@pytest.mark.slow
def test_the_statistics_of_the_stock_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """30 seeds of 60 s each: spikes, their spread over neurons and their irregularity; mean, spread and sign of θ."""
    ours = quantities("vector", range(30), monkeypatch)
    stock = quantities("stock", range(30, 60), monkeypatch)
    z = (ours.mean(0) - stock.mean(0)) / np.sqrt((ours.var(0, ddof=1) + stock.var(0, ddof=1)) / 30)
    print("z", z.round(2))
    assert np.abs(z).max() < 3, z
