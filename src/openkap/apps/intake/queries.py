"""Intakes as they stand, and what of one has still to be decided."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from openkap.apps.chart import queries as chart
from openkap.apps.intake.models import Decision, Intake, IntakeState
from openkap.apps.intake.topics import FIELDS, TOPICS, Field, Goes, Topic
from openkap.apps.people.details import details_of
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

IN_CHART = {
    Goes.CONDITIONS: chart.conditions_of,
    Goes.MEDICINES: chart.medications_of,
    Goes.ALLERGIES: chart.allergies_of,
    Goes.NO_ALLERGIES: chart.allergies_of,
}


@dataclass(frozen=True)
class Point:
    """One thing to decide on: what was written, what the record holds, and what was decided, if anything.

    `line` is the line's number from 1 in a list, 0 elsewhere.
    """

    field: Field
    line: int
    said: str
    held: tuple[str, ...]
    decision: Decision | None

    @property
    def key(self) -> str:
        """How forms name it."""
        return f"{self.field.name}-{self.line}"

    @property
    def words(self) -> str:
        """What was said, as people read it."""
        return in_words(self.field, self.said)

    @property
    def is_same(self) -> bool:
        """Whether the record says so already."""
        return self.said.casefold() in {text.casefold() for text in self.held}


def intakes_of(patient: "Patient") -> QuerySet[Intake]:
    """All intakes of the patient, latest first. Check the viewer beforehand."""
    return (
        Intake.objects.filter(patient=patient)
        .select_related("sent_by", "closed_by")
        .order_by("-begun_at", "-id")
    )


def current_intake(patient: "Patient") -> Intake | None:
    """The intake that is being filled in or waits for review. Check the viewer beforehand."""
    return intakes_of(patient).filter(state__in=[IntakeState.OPEN, IntakeState.SENT]).first()


def intake_of(patient: "Patient", intake_id: UUID) -> Intake:
    """One intake of this patient. Raises `NotFound`."""
    found = intakes_of(patient).filter(public_id=intake_id).select_related("patient", "patient__site").first()
    if found is None:
        raise NotFound("There is no such intake of this patient.")
    return found


def answers_of(intake: Intake) -> dict[str, str]:
    """What was typed so far, by field."""
    return dict(intake.answers.values_list("field", "value"))


def with_known(intake: Intake, answers: dict[str, str]) -> dict[str, str]:
    """The answers, with what the record knows of the person where nothing was typed yet."""
    details = details_of(intake.patient)
    known = {f.name: str(getattr(details, f.name)) for f in FIELDS.values() if f.goes is Goes.DETAILS}
    return known | answers


def is_touched(topic: Topic, answers: dict[str, str]) -> bool:
    """Whether anything was answered on that screen."""
    return any(answers.get(field.name) for field in topic.fields)


def points_of(intake: Intake) -> list[tuple[Topic, list[Point]]]:
    """Everything that was written, topic by topic, beside what the record holds now."""
    answers = answers_of(intake)
    decided = {(row.field, row.line): row for row in intake.decisions.select_related("recorded_by")}
    details = details_of(intake.patient)
    held_in_chart = {goes: tuple(row.text for row in read(intake.patient)) for goes, read in IN_CHART.items()}
    found = []
    for topic in TOPICS:
        points = []
        for field in topic.fields:
            held = _held(field, details, held_in_chart)
            found_here = [
                Point(field, line, said, held, decided.get((field.name, line)))
                for line, said in _parts(field, answers.get(field.name, ""))
            ]
            points += [point for point in found_here if not _needs_nobody(point)]
        if points:
            found.append((topic, points))
    return found


def said_in(intake: Intake) -> list[tuple[Topic, list[tuple[Field, str]]]]:
    """Everything in words as it was typed, topic by topic; topics without an answer too."""
    answers = answers_of(intake)
    return [
        (
            topic,
            [
                (field, in_words(field, answers[field.name]))
                for field in topic.fields
                if answers.get(field.name)
            ],
        )
        for topic in TOPICS
    ]


def in_words(field: Field, answer: str) -> str:
    """An answer as people read it: the words of a choice instead of its code."""
    if field.kind == "tick":
        return _("yes")
    return str(dict(field.choices).get(answer, answer))


def undecided(intake: Intake) -> int:
    """How many things are still to be decided."""
    return sum(point.decision is None for _topic, points in points_of(intake) for point in points)


def told(patient: "Patient") -> dict[str, str]:
    """What the patient told in their own words and staff accepted, by field; the latest holds."""
    rows = Decision.objects.filter(patient=patient).exclude(outcome=Decision.Outcome.REFUSED).order_by("id")
    return {row.field: row.taken for row in rows if row.field in FIELDS and FIELDS[row.field].goes is Goes.TOLD}


def lines_in(text: str) -> list[str]:
    """The things of a list: one on each line, without stray spaces and empty lines."""
    return [clean for line in text.splitlines() if (clean := " ".join(line.split()))]


def _needs_nobody(point: Point) -> bool:
    """Details that stand in the record just so: the screen showed them, and they were left as they are."""
    return point.field.goes is Goes.DETAILS and point.is_same and point.decision is None


def _parts(field: Field, answer: str) -> list[tuple[int, str]]:
    if not answer.strip():
        return []
    if field.kind == "lines":
        return list(enumerate(lines_in(answer), start=1))
    return [(0, answer.strip())]


def _held(field: Field, details: object, held_in_chart: dict[Goes, tuple[str, ...]]) -> tuple[str, ...]:
    if field.goes is Goes.DETAILS:
        value = str(getattr(details, field.name))
        return (value,) if value else ()
    return held_in_chart.get(field.goes, ())
