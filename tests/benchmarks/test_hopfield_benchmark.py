"""The benchmark of the Hopfield network runs, and its competitors compute what it says they do."""

from __future__ import annotations

import json

import pytest

from benchmarks import harness, hopfield


def test_benchmark_reports_ratios_to_the_limit_and_the_double_loop(tmp_path):
    file = tmp_path / "result.json"
    assert hopfield.main(["--neurons", "80", "--patterns", "8", "--json", str(file)]) == 0
    result = json.loads(file.read_text())
    names = {f"{work}{kind}" for work in ("store", "sweep") for kind in ("", "_limit", "_naive")}
    assert result["seconds"].keys() == names
    assert all(len(times) == result["pairs"] == harness.MIN_PAIRS for times in result["seconds"].values())
    for work in ("store", "sweep"):
        for other in ("limit", "naive"):
            ratio = result[f"ratio_of_{work}_to_{other}"]
            assert 0 < ratio["interval"][0] <= ratio["value"] <= ratio["interval"][1]
    assert result["ratio_of_store_to_naive"]["value"] < 1


def test_naive_loops_are_scaled_to_the_whole_network():
    parts = {one.name: one.seconds for one in hopfield.competitors(50, 5)}
    assert parts["store_naive"] == parts["sweep_naive"] == 1 / 50
    assert parts["store"] == parts["sweep_limit"] == 1


@pytest.mark.parametrize("arguments", [["--neurons", "1"], ["--pairs", "2"]])
def test_too_little_to_compare_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    try:
        code = hopfield.main([*arguments, "--patterns", "8"])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    assert "at least" in capsys.readouterr().err
