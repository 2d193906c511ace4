"""All synthetic charts through the assessment: what rests on the chart is pinned for each treatment."""

import gzip
import os
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.factories.patients import KNOWN

from openkap.core.assessment import Assessment, Fact, FactKind, Scope, Verdict, assess
from openkap.fhir.bundle import read_bundle
from openkap.fhir.facts import facts_of
from openkap.units import Drug, Route

REFERENCE = Path(__file__).parents[2] / "reference"
CHARTS = {path.name.removesuffix(".json.gz"): path for path in sorted(REFERENCE.glob("fhir/**/*.json.gz"))}
PINNED = REFERENCE / "fhir_findings.yaml"
DAY = date(2026, 11, 21)
TREATMENTS = (
    "trd ketamine iv",
    "trd esketamine in",
    "mdd-si esketamine in",
    "gad ketamine sl",
    "panic ketamine im",
)


@cache
def facts(name: str) -> tuple[Fact, ...]:
    return facts_of(read_bundle(gzip.decompress(CHARTS[name].read_bytes())), DAY)


def judged(name: str, treatment: str, known: str = "everything") -> Assessment:
    indication, drug, route = treatment.split()
    scope = Scope(indication, Drug(drug), Route(route), "US-CA")
    return assess(facts(name), KNOWN[known], scope, DAY)


def pinned(name: str) -> dict[str, Any]:
    """By treatment: the verdict, what rests on an entry of the chart, and how much must still be known."""
    return {treatment: _pinned(judged(name, treatment)) for treatment in TREATMENTS}


def _pinned(result: Assessment) -> dict[str, Any]:
    charted = {
        finding.rule_id: finding.action.value
        for finding in result.findings
        if any(fact.kind is not FactKind.DEMOGRAPHIC for fact in finding.facts)
    }
    open_ = sum(finding.action == "needs" and not finding.facts for finding in result.findings)
    return {"verdict": result.verdict.value, "charted": charted, "open": open_}


def test_all_charts_are_here() -> None:
    assert len(CHARTS) == 22


@pytest.mark.parametrize("name", CHARTS)
def test_findings_of_a_chart_are_as_pinned(name: str) -> None:
    """Written anew with OPENKAP_WRITE_DOCS=1; look at every line that changes."""
    kept = yaml.safe_load(PINNED.read_text(encoding="utf-8")) if PINNED.exists() else {}
    if os.environ.get("OPENKAP_WRITE_DOCS"):
        kept[name] = pinned(name)
        PINNED.write_text(yaml.safe_dump(kept, width=110), encoding="utf-8")
    assert kept[name] == pinned(name)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_no_chart_alone_makes_anyone_clear(treatment: str) -> None:
    """A file says nothing of what was never asked."""
    for name in CHARTS:
        for known in KNOWN:
            assert judged(name, treatment, known).verdict is not Verdict.CLEAR


def test_every_entry_is_recognised_or_listed() -> None:
    for name in CHARTS:
        result = judged(name, TREATMENTS[0])
        clinical = {FactKind.CONDITION, FactKind.MEDICATION, FactKind.ALLERGY}
        assert {fact.kind for fact in result.unrecognised} <= clinical
        seen = {fact for finding in result.findings for fact in finding.facts}
        assert not seen & set(result.unrecognised)
