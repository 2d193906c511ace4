"""Facts about a patient, as the assessment takes them: typed, dated, and possibly unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openkap.knowledge.schema.concept_map import CodeSystem
from openkap.units import Drug, Quantity, Route
from openkap.units.partial_dates import PartialDate


class FactKind(StrEnum):
    """Where a fact comes from."""

    CONDITION = "condition"
    MEDICATION = "medication"
    ALLERGY = "allergy"
    OBSERVATION = "observation"
    PROCEDURE = "procedure"
    DEMOGRAPHIC = "demographic"  # concept 'birth-date' (onset) or 'sex' (text)
    ANSWER = "answer"  # what the patient or a clinician said when asked about a concept
    CLEARANCE = "clearance"  # the state of an item of medical clearance, named by `concept`


class FactStatus(StrEnum):
    """What the record says about now."""

    ACTIVE = "active"
    RESOLVED = "resolved"  # was so, and is over; a resolved condition is not an active one
    ABSENT = "absent"  # asked or examined, and not so
    UNKNOWN = "unknown"  # asked, and not known; or entered without a status


@dataclass(frozen=True, slots=True)
class Code:
    """A code in a coding system, by the address FHIR gives the system."""

    system: CodeSystem | str
    code: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing recorded about a patient.

    `concept` names a concept map outright (answers, and observations whose meaning is certain); otherwise the
    concept is found from `codes` and `text`. `onset`: when it began. `recorded`: the day it was recorded or
    measured. `value`: an observation's. `source_ref`: where it stands, such as 'Condition/<id>'.
    """

    kind: FactKind
    text: str = ""
    codes: tuple[Code, ...] = ()
    status: FactStatus = FactStatus.ACTIVE
    onset: PartialDate | None = None
    recorded: date | None = None
    value: Quantity | None = None
    source_ref: str = ""
    concept: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the assessment is for. Age and sex are facts, not scope."""

    indication: str
    drug: Drug
    route: Route
    jurisdiction: str | None = None


def birth_date(day: date, source_ref: str = "") -> Fact:
    """The patient's date of birth as a fact."""
    return Fact(
        FactKind.DEMOGRAPHIC,
        concept="birth-date",
        onset=PartialDate.parse(day.isoformat()),
        source_ref=source_ref,
    )


def sex(administrative: str, source_ref: str = "") -> Fact:
    """The patient's administrative sex as a fact: 'female', 'male', 'other' or 'unknown'."""
    return Fact(FactKind.DEMOGRAPHIC, concept="sex", text=administrative, source_ref=source_ref)


def clearance_fact(item: str, status: FactStatus, recorded: date | None = None, source_ref: str = "") -> Fact:
    """The state of one item of medical clearance on the day of assessment.

    `active`: a result within its validity. `resolved`: there was one, and it has expired. `absent`: there is
    none. `unknown`: there is one that cannot be dated or read. `recorded`: the result's day.
    """
    return Fact(
        FactKind.CLEARANCE, concept=item, status=status, recorded=recorded, source_ref=source_ref, text=item
    )


def demographic(facts: Iterable[Fact], concept: str) -> Fact | None:
    """The fact of that demographic concept; none when it is missing or said in two ways."""
    found = {f for f in facts if f.kind is FactKind.DEMOGRAPHIC and f.concept == concept}
    return found.pop() if len(found) == 1 else None
