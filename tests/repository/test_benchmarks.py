"""What `make bench` runs, and the page made of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks import __main__ as benchmarks
from benchmarks import page, reporting
from benchmarks.filling import checks
from benchmarks.filling.plan import Told
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
    assert set(known) >= {"assessment", "audit", "filling", "live_path", "pharmacology", "scoring", "starting"}
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


def a_filling(lost: list[str]) -> dict[str, Any]:
    verdict = {"answers": 40, "lost": lost, "responses": 6, "missing": [], "wrong": [], "unaudited": []}
    kind = {"kind": "tap an answer", "count": 40, "p50": 9.5, "p95": 20.1, "p99": 33.0, "longest": 41.0}
    return {
        "pace": "as people do", "load": 0.2, "seconds": 61.0, "every": kind, "kinds": [kind], "errors": [],
        "verdict": verdict, "cores": {"pages": 0.4, "database": 0.1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lost", "target", "said"),
    [([], 300, ("nothing lost", "; reached")), (["ada phq-9 3"], 20, ("1 lost", "not reached"))],
)
def test_the_page_says_what_was_lost_how_long_it_took_and_whether_that_was_aimed_at(
    output: Path, lost: list[str], target: int, said: tuple[str, str]
) -> None:
    reporting.report("filling", LINES, QUIET, people=2, rounds=[a_filling(lost)], target=target)
    page.write()
    made = (output / "benchmarks.md").read_text()
    assert all(words in made for words in said)
    assert "| tap an answer | 40 | 9.5 | 20.1 | 33.0 | 41.0 |" in made


def test_an_answer_that_was_acknowledged_and_is_not_there_is_lost() -> None:
    """The look at the database is itself looked at: it must be able to find something."""
    told = Told(kept={"ada": {"gad-7": {"1": "2", "8": "1"}}}, finished={"ada": ["gad-7"]})
    held = {("ada", "gad-7"): {"1": 2, "difficulty": 1}}
    assert checks.compared(told, held, {}).lost == []
    assert checks.compared(told, held, {}).missing == ["ada gad-7"]
    assert checks.compared(told, {("ada", "gad-7"): {"1": 0}}, {}).lost == ["ada gad-7 1", "ada gad-7 8"]
