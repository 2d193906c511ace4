"""docs/hazards.yaml tells the truth: its controls are there, and the tests it names are run."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {"id", "hazard", "cause", "harm", "severity", "controls", "tests", "residual"}
SEVERITIES = {"death", "serious", "moderate", "privacy"}
# What the hazard file may never lose, by id.
NEVER_MISSING = {
    "wrong-patient-dose", "wrong-dose-arithmetic", "dose-on-old-weight", "missed-vitals", "stale-screen",
    "lost-entry", "duplicated-entry", "unknown-treated-as-fine", "unsigned-rule-silently-off",
    "out-of-scope-access", "tampering", "notes-read-by-others", "prediction-taken-for-measurement",
    "discharge-too-early", "import-into-wrong-record", "safety-answer-unseen", "locked-out-in-need",
    "clock-wrong", "server-killed",
}  # fmt: skip


def read() -> list[dict[str, Any]]:
    found = yaml.safe_load((ROOT / "docs" / "hazards.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


HAZARDS = read()


@cache
def names_in(path: Path) -> frozenset[str]:
    """Functions and classes that a Python file defines; of a file of islands, the titles of its tests."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ts":
        return frozenset(re.findall(r'^\s*test\("([^"]+)"', text, re.MULTILINE))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))


def exists(place: str) -> bool:
    """Whether 'path' or 'path::name' is there."""
    path, _, name = place.partition("::")
    return (ROOT / path).exists() and (not name or name in names_in(ROOT / path))


def is_run(place: str) -> bool:
    """Whether 'path::name' is a test that a runner picks up."""
    path, _, name = place.partition("::")
    if path.endswith(".ts"):
        return path.startswith("tests/islands/") and path.endswith(".test.ts") and exists(place)
    return Path(path).name.startswith("test_") and name.startswith("test_") and exists(place)


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_a_hazard_is_whole(hazard: dict[str, Any]) -> None:
    assert set(hazard) == FIELDS
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", hazard["id"])
    assert hazard["severity"] in SEVERITIES
    assert all(
        isinstance(hazard[name], str) and hazard[name].endswith(".") for name in ("hazard", "cause", "harm")
    )
    assert isinstance(hazard["residual"], str)
    assert hazard["controls"]
    assert len(hazard["tests"]) >= (3 if hazard["severity"] == "death" else 2)
    assert len(set(hazard["tests"])) == len(hazard["tests"])


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_its_controls_are_there(hazard: dict[str, Any]) -> None:
    assert [place for place in hazard["controls"] if not (place.startswith("src/") and exists(place))] == []


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_its_tests_are_run(hazard: dict[str, Any]) -> None:
    assert [place for place in hazard["tests"] if not is_run(place)] == []


def test_ids_are_used_once() -> None:
    ids = [hazard["id"] for hazard in HAZARDS]
    assert len(set(ids)) == len(ids)


def test_none_of_the_first_ones_is_lost() -> None:
    assert {hazard["id"] for hazard in HAZARDS} >= NEVER_MISSING


@pytest.mark.parametrize(
    ("place", "run"),
    [
        ("tests/repository/test_hazards.py::test_ids_are_used_once", True),
        ("tests/repository/test_hazards.py::test_that_is_not_there", False),
        ("tests/repository/test_hazards.py::is_run", False),
        ("tests/repository/test_hazards.py", False),
        ("tests/repository/test_nowhere.py::test_ids_are_used_once", False),
        ("tests/islands/outbox.test.ts::what waits cannot be dismissed", True),
        ("tests/islands/outbox.test.ts::what waits", False),
    ],
)
def test_a_test_that_is_run_is_told_from_others(place: str, run: bool) -> None:
    assert is_run(place) is run


def test_a_control_that_is_gone_is_noticed() -> None:
    assert exists("src/openkap/apps/audit/sealing.py::seal_rows")
    assert not exists("src/openkap/apps/audit/sealing.py::seal_nothing")
    assert not exists("src/openkap/apps/audit/gone.py")
