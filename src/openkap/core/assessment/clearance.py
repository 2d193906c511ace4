"""Medical clearance: which examinations are required of a person, and whether each still counts.

Everything assessments need of it is here: `clearance` gives the state of every item, `clearance_facts` says it
to rules, `clearance_findings` says what is lacking, and `with_findings` puts that beside what the rules found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from openkap.core.assessment.assess import verdict_of
from openkap.core.assessment.concepts import by_concept, recogniser
from openkap.core.assessment.facts import Fact, FactKind, FactStatus, Scope, clearance_fact
from openkap.core.assessment.findings import Assessment, Finding, FindingAction
from openkap.core.assessment.person import Person, in_ages
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.clearance_item import ClearanceItem, Part
from openkap.knowledge.schema.concept_map import CodeSystem
from openkap.knowledge.schema.record import Text


class ClearanceState(StrEnum):
    """How an item stands on a day."""

    VALID = "valid"
    EXPIRING = "expiring"  # counts, and is to be renewed
    EXPIRED = "expired"
    MISSING = "missing"
    UNREAD = "unread"  # values are here, and nobody has said what they mean
    ABNORMAL = "abnormal"  # read as abnormal, and nothing is decided
    HELD = "held"  # abnormal, and treatment waits
    REFERRED = "referred"  # abnormal, and somebody else is asked
    NOT_NEEDED = "not-needed"
    WAIVED = "waived"


COUNTS: Final = frozenset(
    {ClearanceState.VALID, ClearanceState.EXPIRING, ClearanceState.NOT_NEEDED, ClearanceState.WAIVED}
)


class Reading(StrEnum):
    """What a clinician says of a result."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"


class Decision(StrEnum):
    """What is decided on an abnormal result."""

    ACCEPT = "accept"
    HOLD = "hold"
    REFER = "refer"


class Reason(StrEnum):
    """Why an item is not asked for."""

    DECLINED = "declined"  # by the medical director
    TREATMENT = "treatment"
    SEX = "sex"
    AGE = "age"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Result:
    """A result that a clinician has read. `ref` names its row; later rows win among those of one day."""

    item: str
    done_on: date
    reading: Reading
    decision: Decision | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody decided to go on without an item, up to and including a day, under this version of it."""

    item: str
    version: int
    until: date
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What people have recorded about a patient's clearance."""

    results: tuple[Result, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item on a day. `done_on` and `valid_until` are of the result it rests on; `missing` are its parts."""

    item: ClearanceItem
    state: ClearanceState
    done_on: date | None = None
    valid_until: date | None = None
    reason: Reason | None = None
    ref: str = ""
    missing: tuple[Part, ...] = ()
    readings: int = 0
    reading: Reading | None = None

    @property
    def counts(self) -> bool:
        """Whether nothing is lacking."""
        return self.state in COUNTS


@dataclass(frozen=True, slots=True)
class _Values:
    """What the chart's values say about an item; `done_on` is set when they are all there.

    `newest` is the last day on which any part was measured.
    """

    done_on: date | None = None
    newest: date | None = None
    valid_until: date | None = None
    missing: tuple[Part, ...] = ()
    readings: int = 0


def clearance(
    facts: Sequence[Fact], kept: Kept, knowledge: KnowledgeSet, scope: Scope, on: date
) -> tuple[ItemState, ...]:
    """The state of every item in force, in the order they are shown.

    A person's unknown age or sex never takes an item away. A waiver fills a gap; it does not hide a result.
    """
    grouped, _unrecognised = by_concept(facts, recogniser(knowledge))
    person = Person(grouped, on)
    by_item = _by_item(kept.results, on)
    waived = [waiver for waiver in kept.waivers if waiver.until >= on]
    values = _by_code(facts, on)
    states = []
    for item in sorted(knowledge.clearance_items.values(), key=lambda item: (item.order, item.id)):
        reason = _not_needed(item, scope, person, knowledge)
        if reason is not None:
            states.append(ItemState(item, ClearanceState.NOT_NEEDED, reason=reason))
        else:
            state = _state(item, by_item.get(item.id), values, on)
            states.append(_waived(state, waived))
    return tuple(states)


def _by_item(results: Iterable[Result], on: date) -> dict[str, Result]:
    """The newest result of each item."""
    dated = sorted((r for r in results if r.done_on <= on), key=lambda r: (r.done_on, r.ref))
    return {result.item: result for result in dated}


def _by_code(facts: Iterable[Fact], on: date) -> Mapping[str, Sequence[Fact]]:
    """The dated values of the chart by LOINC code."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind is FactKind.OBSERVATION and fact.recorded is not None and fact.recorded <= on:
            for code in fact.codes:
                if code.system == CodeSystem.LOINC:
                    found.setdefault(code.code, []).append(fact)
    return found


def _not_needed(item: ClearanceItem, scope: Scope, person: Person, knowledge: KnowledgeSet) -> Reason | None:
    wanted, sex = item.scope, person.sex()
    if knowledge.decision(item.id) is False:
        return Reason.DECLINED
    if (
        (wanted.drugs and scope.drug not in wanted.drugs)
        or (wanted.routes and scope.route not in wanted.routes)
        or (wanted.indications and scope.indication not in wanted.indications)
        or (wanted.jurisdictions and scope.jurisdiction and scope.jurisdiction not in wanted.jurisdictions)
    ):
        return Reason.TREATMENT
    if wanted.sexes and sex is not None and sex not in wanted.sexes:
        return Reason.SEX
    if in_ages(person, wanted) is False:
        return Reason.AGE
    if item.only_with and not any(_is_there(concept, person) for concept in item.only_with):
        return Reason.CONDITION
    return None


def _is_there(concept: str, person: Person) -> bool:
    """Whether the chart has it, now or ever; what is not known may be there."""
    return any(fact.status is not FactStatus.ABSENT for fact in person.about(concept))


def _state(
    item: ClearanceItem, result: Result | None, values: Mapping[str, Sequence[Fact]], on: date
) -> ItemState:
    measured = _measured(item, values)
    if not item.needs_reading:
        return _by_values(item, measured, on)
    if result is None or _replaced(measured.done_on, result):
        return _unread(item, measured, on)
    until = result.done_on + timedelta(days=item.valid_days)
    found = _of_result(item, result, until, on)
    if _replaced(measured.newest, result) and found is not ClearanceState.EXPIRED:
        found = ClearanceState.UNREAD
    return ItemState(item, found, result.done_on, until, ref=result.ref, reading=result.reading)


def _replaced(day: date | None, result: Result) -> bool:
    """Whether values were measured after the result that somebody has read."""
    return day is not None and day > result.done_on


def _of_result(item: ClearanceItem, result: Result, until: date, on: date) -> ClearanceState:
    if on > until:
        return ClearanceState.EXPIRED
    if result.reading is Reading.ABNORMAL and result.decision is not Decision.ACCEPT:
        undecided = {None: ClearanceState.ABNORMAL, Decision.HOLD: ClearanceState.HELD}
        return undecided.get(result.decision, ClearanceState.REFERRED)
    return _in_time(item, until, on)


def _in_time(item: ClearanceItem, until: date, on: date) -> ClearanceState:
    if on > until:
        return ClearanceState.EXPIRED
    days_left = (until - on).days
    return ClearanceState.EXPIRING if days_left < item.expiring_days else ClearanceState.VALID


def _by_values(item: ClearanceItem, measured: _Values, on: date) -> ItemState:
    if measured.done_on is None or measured.valid_until is None:
        return ItemState(item, ClearanceState.MISSING, missing=measured.missing, readings=measured.readings)
    state = _in_time(item, measured.valid_until, on)
    return ItemState(item, state, measured.done_on, measured.valid_until, readings=measured.readings)


def _unread(item: ClearanceItem, measured: _Values, on: date) -> ItemState:
    if measured.done_on is None or measured.valid_until is None:
        missing = measured.missing if len(measured.missing) < len(item.parts) else ()
        return ItemState(item, ClearanceState.MISSING, missing=missing)
    state = ClearanceState.UNREAD if on <= measured.valid_until else ClearanceState.EXPIRED
    return ItemState(item, state, measured.done_on, measured.valid_until)


def _measured(item: ClearanceItem, values: Mapping[str, Sequence[Fact]]) -> _Values:
    """The newest day on which each part was measured often enough; the oldest of these decides."""
    if not item.parts:
        return _Values()
    days, missing, most = [], [], []
    for part in item.parts:
        taken = _days(part, values, needs_number=not item.needs_reading)
        most.append(max(taken.values(), default=0))
        enough = [day for day, count in taken.items() if count >= item.readings]
        if enough:
            days.append((max(enough), max(enough) + timedelta(days=part.valid_days or item.valid_days)))
        else:
            missing.append(part)
    newest = max((day for day, _end in days), default=None)
    if missing:
        return _Values(newest=newest, missing=tuple(missing), readings=min(most))
    ends = min(end for _day, end in days)
    return _Values(min(day for day, _end in days), newest, ends, readings=min(most))


def _days(part: Part, values: Mapping[str, Sequence[Fact]], *, needs_number: bool) -> Counter[date]:
    facts = {fact for code in part.loinc for fact in values.get(code, ())}
    return Counter(
        fact.recorded for fact in facts if fact.recorded and (fact.value is not None or not needs_number)
    )


def _waived(state: ItemState, waivers: Iterable[Waiver]) -> ItemState:
    own = [w for w in waivers if w.item == state.item.id and w.version == state.item.version]
    if state.counts or not own:
        return state
    last = max(own, key=lambda waiver: (waiver.until, waiver.ref))
    return replace(state, state=ClearanceState.WAIVED, valid_until=last.until, ref=last.ref)


_STATUS: Final = {
    ClearanceState.EXPIRED: FactStatus.RESOLVED,
    ClearanceState.MISSING: FactStatus.ABSENT,
    ClearanceState.UNREAD: FactStatus.UNKNOWN,
    ClearanceState.ABNORMAL: FactStatus.UNKNOWN,
    ClearanceState.HELD: FactStatus.UNKNOWN,
    ClearanceState.REFERRED: FactStatus.UNKNOWN,
}


def clearance_facts(states: Iterable[ItemState]) -> tuple[Fact, ...]:
    """The states as facts for rules. What is waived or not needed is not lacking."""
    return tuple(
        clearance_fact(one.item.id, _STATUS.get(one.state, FactStatus.ACTIVE), one.done_on, one.ref)
        for one in states
    )


_LACKS: Final[dict[ClearanceState, Text]] = {
    ClearanceState.MISSING: Text(en="A result; there is none.", es="Un resultado; no hay ninguno."),
    ClearanceState.EXPIRED: Text(
        en="A new result; the last one has expired.", es="Un resultado nuevo; el último ha caducado."
    ),
    ClearanceState.UNREAD: Text(
        en="A clinician has to say what the values mean.", es="Un clínico tiene que decir qué significan."
    ),
    ClearanceState.ABNORMAL: Text(
        en="A decision on the abnormal result.", es="Una decisión sobre el resultado anormal."
    ),
    ClearanceState.HELD: Text(
        en="Treatment waits because of the abnormal result.",
        es="El tratamiento espera por el resultado anormal.",
    ),
    ClearanceState.REFERRED: Text(
        en="The answer of whom the patient was referred to.", es="La respuesta de a quien se derivó."
    ),
}


def clearance_findings(states: Iterable[ItemState]) -> tuple[Finding, ...]:
    """What is lacking: a need for each item that does not count. It is not overridden; the item is waived."""
    return tuple(_finding(one.item, _LACKS[one.state]) for one in states if not one.counts)


def _finding(item: ClearanceItem, lacks: Text) -> Finding:
    return Finding(
        rule_id=item.id,
        rule_version=item.version,
        title=item.title,
        action=FindingAction.NEEDS,
        reason=item.why,
        facts=(),
        sources=item.sources,
        verification=item.verification,
        authority=item.authority,
        override_roles=(),
        override_days=None,
        next_step=None,
        needs=lacks,
        asks=(),
    )


def with_findings(assessment: Assessment, findings: Sequence[Finding]) -> Assessment:
    """The assessment with further findings, strictest first, and the verdict on all of them."""
    rank = {action: index for index, action in enumerate(FindingAction)}
    together = sorted((*assessment.findings, *findings), key=lambda f: (rank[f.action], not f.facts, f.rule_id))
    return replace(assessment, findings=tuple(together), verdict=verdict_of(together))
