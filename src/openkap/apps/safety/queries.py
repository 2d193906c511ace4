"""A patient's suicide risk and how it came about. Callers fetch the patient as the viewer may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.safety.knowing import steps_record
from openkap.apps.safety.models import Decision, Opening, Plan, PlanReview, Result, Screen
from openkap.core.assessment.facts import Fact, FactKind, FactStatus
from openkap.core.assessment.findings import Finding
from openkap.core.assessment.suicide_risk import (
    Choice,
    Evidence,
    Hold,
    Level,
    Point,
    course_of_risk,
    hold_finding,
    hold_on_dosing,
)
from openkap.errors import NotFound
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.risk_pathway import Opens

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

# Ideation from which each concept of the rules holds: thoughts, a method, intent or a plan.
IDEATION_CONCEPTS = (
    ("suicidal-ideation", 1),
    ("suicidal-method-past-month", 3),
    ("suicidal-intent-past-month", 4),
)


@dataclass(frozen=True)
class RiskStanding:
    """The level, since when, on what it rests, and what it does to dosing.

    `opening`: the last one that asks a psychiatrist to decide; `decision`: what was decided on it.
    """

    level: Level
    since: datetime | None
    latest: Point | None
    hold: Hold | None
    opening: Opening | None
    decision: Decision | None


@once_a_page
def evidence_of(patient: "Patient") -> tuple[Evidence, ...]:
    """All screens and results as the core takes them."""
    return (*map(_of_screen, screens_of(patient)), *map(_of_result, results_of(patient)))


def _of_screen(row: Screen) -> Evidence:
    return Evidence(row.answered_at, Level(row.level), by_clinician=False, ref=str(row.public_id))


def _of_result(row: Result) -> Evidence:
    return Evidence(
        row.assessed_at, Level(row.level), by_clinician=True, certain=row.certain, ref=str(row.public_id)
    )


def course_of(patient: "Patient") -> tuple[Point, ...]:
    """The level after each screen and result, oldest first."""
    return course_of_risk(evidence_of(patient))


@once_a_page
def standing_of(patient: "Patient") -> RiskStanding:
    """How it stands now."""
    course = course_of(patient)
    level = course[-1].level if course else Level.NOT_ASSESSED
    changed = [point for point in course if point.level is not point.before]
    opening = last_opening_to_decide(patient)
    decision = decision_on(opening)
    choice = Choice(decision.choice) if decision else None
    return RiskStanding(
        level=level,
        since=changed[-1].evidence.at if changed else None,
        latest=course[-1] if course else None,
        hold=hold_on_dosing(
            level,
            asked=opening is not None,
            choice=choice,
            found_since=decision is not None and _found_since(patient, decision),
        ),
        opening=opening,
        decision=decision,
    )


def _found_since(patient: "Patient", decision: Decision) -> bool:
    """Whether a clinician has assessed the whole of it after the decision."""
    since = Result.objects.filter(patient=patient, certain=True, assessed_at__gte=decision.recorded_at)
    return since.exists()


def holds_dosing(patient: "Patient") -> Hold | None:
    """Why no dose is given now because of suicide risk; None when that does not stand against one."""
    return standing_of(patient).hold


def last_opening_to_decide(patient: "Patient") -> Opening | None:
    """The last time a decision was asked for."""
    return Opening.objects.filter(patient=patient, asks_decision=True).order_by("-id").first()


def is_decided(patient: "Patient") -> bool:
    """Whether the last decision that was asked for has been taken."""
    return decision_on(last_opening_to_decide(patient)) is not None


def decision_on(opening: Opening | None) -> Decision | None:
    """The decision on an opening, if it was taken."""
    if opening is None:
        return None
    return Decision.objects.filter(opening=opening).select_related("recorded_by").first()


def openings_of(patient: "Patient") -> QuerySet[Opening]:
    """What was opened, latest first."""
    return Opening.objects.filter(patient=patient).select_related("decision__recorded_by").order_by("-id")


@once_a_page
def screens_of(patient: "Patient") -> QuerySet[Screen]:
    """Answers about suicide, latest first."""
    return Screen.objects.filter(patient=patient).order_by("-answered_at", "-id")


@once_a_page
def results_of(patient: "Patient") -> QuerySet[Result]:
    """Clinicians' results, latest first."""
    found = Result.objects.filter(patient=patient).select_related("recorded_by")
    return found.order_by("-assessed_at", "-id")


def heard_of(sources: Iterable[UUID]) -> dict[UUID, dict[str, int | None]]:
    """What was heard of each questionnaire: its answers by item; those nobody heard of are missing."""
    heard: dict[UUID, dict[str, int | None]] = {}
    rows = Screen.objects.filter(source_id__in=list(sources)).order_by("id")
    for source, said in rows.values_list("source_id", "said"):
        heard.setdefault(source, {}).update({one["item"]: one["answer"] for one in said})
    return heard


def plan_of(patient: "Patient") -> Plan | None:
    """The safety plan as it stands."""
    return _PLAN.first(patient=patient.pk)


def plans_of(patient: "Patient | Given") -> QuerySet[Plan]:
    """Every version, latest first."""
    return Plan.objects.filter(patient=patient).select_related("recorded_by").order_by("-version")


_PLAN = Prepared(lambda: plans_of(Given("patient"))[:1])


def plan_version(patient: "Patient", version: int) -> Plan:
    """One version of the plan. Raises `NotFound`."""
    found = plans_of(patient).filter(version=version).first()
    if found is None:
        raise NotFound(_("There is no such version of the safety plan."))
    return found


def last_review_of(plan: Plan) -> PlanReview | None:
    """When this version was last gone through with the patient, if it was."""
    return PlanReview.objects.filter(plan=plan).select_related("recorded_by").order_by("-id").first()


def facts_for(patient: "Patient", on: date) -> list[Fact]:
    """What screens and results say, as facts for the rules: the latest result and the latest whole ASQ."""
    zone = ZoneInfo(patient.site.time_zone)
    return [*_facts_of_result(patient, on, zone), *_facts_of_asq(patient, on, zone)]


def hold_findings(patient: "Patient", known: KnowledgeSet) -> tuple[Finding, ...]:
    """What an assessment says of suicide risk: a hold, where it holds dosing."""
    hold = holds_dosing(patient)
    return (hold_finding(hold, steps_record(known, Opens.HIGH)),) if hold else ()


def with_evidence(patients: "Sequence[Patient]") -> set[int]:
    """The keys of those about whom anything is known."""
    return {
        key
        for model in (Screen, Result)
        for key in model.objects.filter(patient__in=patients).values_list("patient_id", flat=True)
    }


def _facts_of_result(patient: "Patient", on: date, zone: ZoneInfo) -> list[Fact]:
    last = next((row for row in results_of(patient) if _day(row.assessed_at, zone) <= on), None)
    if last is None:
        return []
    day, ref = _day(last.assessed_at, zone), f"RiskResult/{last.public_id}"
    facts = []
    for concept, at_least in IDEATION_CONCEPTS:
        status = FactStatus.UNKNOWN
        if last.ideation is not None:
            status = FactStatus.ACTIVE if last.ideation >= at_least else FactStatus.ABSENT
        facts.append(_answer(concept, status, day, ref))
    if last.behaviour_ever is False:
        facts.append(_answer("suicidal-behaviour", FactStatus.ABSENT, day, ref))
    return facts


def _facts_of_asq(patient: "Patient", on: date, zone: ZoneInfo) -> list[Fact]:
    """The last whole ASQ: whether there are thoughts now, and whether it was positive without them."""
    whole = (row for row in screens_of(patient) if row.instrument_id == "asq" and row.outcome_id)
    last = next((row for row in whole if _day(row.answered_at, zone) <= on), None)
    if last is None:
        return []
    day, ref = _day(last.answered_at, zone), f"Screen/{last.public_id}"
    said = {"acute-suicidal-intent": "acute-positive", "asq-positive-not-acute": "non-acute-positive"}
    return [
        _answer(concept, FactStatus.ACTIVE if last.outcome_id == outcome else FactStatus.ABSENT, day, ref)
        for concept, outcome in said.items()
    ]


def _answer(concept: str, status: FactStatus, day: date, ref: str) -> Fact:
    return Fact(FactKind.ANSWER, concept=concept, status=status, recorded=day, source_ref=ref)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
