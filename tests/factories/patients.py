"""The worked patients of tests/reference/patients: whole people, and what the assessment must say of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml
from dateutil.relativedelta import relativedelta

from openkap import knowledge
from openkap.core.assessment import (
    Code,
    Fact,
    FactKind,
    FactStatus,
    Scope,
    birth_date,
    clearance_fact,
    questions,
    sex,
)
from openkap.knowledge import KnowledgeSet, SignOff
from openkap.knowledge.schema.concept_map import CodeSystem
from openkap.knowledge.schema.record import Authority
from openkap.units import Drug, Route, parse_quantity
from openkap.units.partial_dates import PartialDate

FOLDER: Final = Path(__file__).resolve().parents[1] / "reference" / "patients"
TODAY: Final = date(2026, 11, 21)
UNSIGNED: Final = knowledge.load(TODAY)
REPLIES: Final = {"yes": FactStatus.ACTIVE, "no": FactStatus.ABSENT, "unknown": FactStatus.UNKNOWN}
LISTS: Final = {
    "conditions": FactKind.CONDITION,
    "medicines": FactKind.MEDICATION,
    "allergies": FactKind.ALLERGY,
    "procedures": FactKind.PROCEDURE,
}
PROGRAMMES: Final = {Authority.TRIAL_EXCLUSION, Authority.SERVICE_POLICY}
# Answered by a number, never by yes or no.
MEASURED: Final = {"systolic-pressure", "diastolic-pressure"}


def _signed(*left_out: Authority) -> KnowledgeSet:
    adopted = [rule for rule in UNSIGNED.rules.values() if rule.authority not in left_out]
    return knowledge.load(
        TODAY, [SignOff(rule.id, rule.version, adopted=True, decided_on=TODAY) for rule in adopted]
    )


KNOWN: Final[Mapping[str, KnowledgeSet]] = {
    "everything": _signed(),
    "labels-and-conventions": _signed(*PROGRAMMES),
    "nothing": UNSIGNED,
}


@dataclass(frozen=True)
class WorkedPatient:
    """One patient as written down."""

    said: Mapping[str, Any]

    @property
    def scope(self) -> Scope:
        """What they are considered for."""
        indication, drug, route = self.said["for"].split()
        return Scope(indication, Drug(drug), Route(route), self.said.get("jurisdiction", "US-CA"))

    @property
    def known(self) -> KnowledgeSet:
        """What their site has adopted."""
        return KNOWN[self.said.get("adopted", "everything")]

    def facts(self) -> list[Fact]:
        """All that is recorded: the chart, the values, the interview, the clearance."""
        return [*self._person(), *self._chart(), *self._values(), *self._interview(), *self._clearance()]

    def _person(self) -> Iterator[Fact]:
        if "age" in self.said:
            yield birth_date(TODAY - relativedelta(years=self.said["age"]))
        if "sex" in self.said:
            yield sex(self.said["sex"])

    def _chart(self) -> Iterator[Fact]:
        for name, kind in LISTS.items():
            for number, entry in enumerate(self.said.get(name, ())):
                yield _entry(kind, entry if isinstance(entry, dict) else {"text": entry}, number)

    def _values(self) -> Iterator[Fact]:
        measured = self.said.get("pressure-on", TODAY)
        for reading in self.said.get("pressure", ()):
            for concept, number in zip(
                ("systolic-pressure", "diastolic-pressure"), reading.split("/"), strict=True
            ):
                yield _value(concept, f"{number} mm[Hg]", measured)
        if "phq-9" in self.said:
            yield _value("phq-9-total", f"{self.said['phq-9']} {{score}}")
        for concept, value in self.said.get("values", {}).items():
            yield _value(concept, value)
        for concept, (value, day) in self.said.get("values-on", {}).items():
            yield _value(concept, value, day)

    def _interview(self) -> Iterator[Fact]:
        """What they answered; whatever else is asked was denied today, unless nobody asked."""
        answered = self.said.get("answers", {})
        for concept, reply in answered.items():
            yield _answer(concept, REPLIES[reply], TODAY)
        for concept, (reply, day) in self.said.get("answers-on", {}).items():
            yield _answer(concept, REPLIES[reply], day)
        if self.said.get("interview") == "none":
            return
        spoken = {*answered, *self.said.get("answers-on", {}), *self.said.get("not-asked", ()), *MEASURED}
        for concept in questions(self.known, self.scope):
            if concept not in spoken:
                yield _answer(concept, FactStatus.ABSENT, TODAY)

    def _clearance(self) -> Iterator[Fact]:
        lacking = self.said.get("lacking", ())
        for item in self.known.clearance_items:
            lacks = lacking == "all" or item in lacking
            yield clearance_fact(item, FactStatus.ABSENT if lacks else FactStatus.ACTIVE, TODAY)


def _entry(kind: FactKind, said: Mapping[str, Any], number: int) -> Fact:
    since = said.get("since")
    return Fact(
        kind=kind,
        text=said["text"],
        codes=(Code(CodeSystem.SNOMED, said["snomed"]),) if "snomed" in said else (),
        status=FactStatus(said.get("status", "active")),
        onset=PartialDate.parse(str(since)) if since else None,
        recorded=said.get("recorded", TODAY),
        source_ref=f"{kind}/{number}",
    )


def _value(concept: str, value: str, day: date = TODAY) -> Fact:
    return Fact(FactKind.OBSERVATION, concept=concept, value=parse_quantity(value), recorded=day)


def _answer(concept: str, status: FactStatus, day: date) -> Fact:
    return Fact(FactKind.ANSWER, concept=concept, status=status, recorded=day)


def worked_patients() -> list[WorkedPatient]:
    """All of them, in the order they are written."""
    return [
        WorkedPatient(said)
        for path in sorted(FOLDER.glob("*.yaml"))
        for said in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
