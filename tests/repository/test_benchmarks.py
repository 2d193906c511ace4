"""What `make bench` runs, and the page made of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks import __main__ as benchmarks
from benchmarks import page, reporting
from benchmarks.reporting import Conditions, Line

QUIET = Conditions("2026-11-21", 4, "x86_64", "3.11.9", 0.3)
BUSY = Conditions("2026-11-21", 4, "x86_64", "3.11.9", 3.9)
LINES = [Line("as it is", 2.0, 1.5, 2.5, "s", 1.0), Line("the limit", 0.5, 0.4, 0.6, "s", 0.25)]


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reporting, "OUTPUT", tmp_path)
    monkeypatch.setattr(page, "OUTPUT", tmp_path)
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    return tmp_path


def test_every_benchmark_is_known_and_says_what_it_measures() -> None:
    known = benchmarks.registry()
    assert set(known) >= {"assessment", "audit", "live_path", "pharmacology", "starting"}
    assert all(known.values())


def test_an_unknown_benchmark_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        benchmarks.main(["nonsense"])
    assert ended.value.code == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_run_is_printed_and_kept(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reporting.report("starting", LINES, QUIET, rounds=3)
    kept: dict[str, Any] = json.loads((output / "starting.json").read_text())
    assert kept["lines"][1] == {
        "what": "the limit", "median": 0.5, "lowest": 0.4, "highest": 0.6, "unit": "s", "ratio": 0.25,
    }  # fmt: skip
    assert kept["rounds"] == 3
    printed = capsys.readouterr().out
    assert "0.50 s (0.40 to 0.60)  0.25 of the first" in printed
    assert "busy" not in printed


@pytest.mark.parametrize(("under", "said"), [(QUIET, False), (BUSY, True)])
def test_the_page_says_when_the_machine_was_busy(output: Path, under: Conditions, said: bool) -> None:
    reporting.report("starting", LINES, under)
    page.write()
    made = (output / "benchmarks.md").read_text()
    assert "| the limit | 0.5 | 0.4 to 0.6 | s | 0.25 |" in made
    assert ("The machine was busy" in made) is said


def test_what_was_not_measured_is_left_out(output: Path) -> None:
    reporting.report(
        "audit", LINES, QUIET, writers=8, rounds=3, seconds=4.0, links=10, whole=False, beside_to_inside=2.0
    )
    page.write()
    made = (output / "benchmarks.md").read_text()
    assert "10 links, NOT whole" in made
    assert "Starting again" not in made


def test_a_figure_without_a_first_line_to_compare_with_has_no_ratio(output: Path) -> None:
    lines = [Line("one patient", 1.0, 0.5, 2.0, "ms", 1.0), Line("everyone", 60.0, 60.0, 60.0, "s")]
    reporting.report("assessment", lines, QUIET, rules=195, charts=22, facts=151)
    page.write()
    made = (output / "benchmarks.md").read_text()
    assert "| everyone | 60.0 | 60.0 to 60.0 | s |  |" in made
    assert "195 rules; 22 charts with 151 facts on average." in made
