"""What follows from an answer about suicide or self-harm (DEFINITIONS: Measures).

New or risen interrupts a person; unchanged, not answered, or hidden in a total is looked at the same day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from openkap.apps.audit.operations import Actor
from openkap.apps.measures.models import Response
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.apps.tasks.operations import About, open_task, raise_alert
from openkap.core.psychometrics import Answer, NotAnswered, asked_items
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.instrument import Instrument, Item

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


class Course(StrEnum):
    """How a safety answer compares with the one before."""

    NONE = "none"
    NEW = "new"
    RISEN = "risen"
    UNCHANGED = "unchanged"  # or lower, and still there
    NOT_KNOWN = "not-known"


@dataclass(frozen=True)
class SafetyAnswer:
    """One safety item's answer and the last known one before it."""

    item: Item
    answer: int | None
    before: int | None

    @property
    def course(self) -> Course:
        """What it says; an answer that is not there is never taken as none."""
        if self.answer is None:
            return Course.NOT_KNOWN
        if self.answer == 0:
            return Course.NONE
        if not self.before:
            return Course.NEW
        return Course.RISEN if self.answer > self.before else Course.UNCHANGED


@dataclass(frozen=True)
class Said:
    """Where safety answers stand: a response, or a form that is still being filled in. `answers` by item.

    `only`: the one item that was just answered; others may still come.
    """

    public_id: UUID
    patient: "Patient"
    instrument_id: str
    answers: Mapping[str, object]
    at: datetime
    only: str = ""


def said_in(response: Response) -> Said:
    """What a response says."""
    return Said(
        response.public_id,
        response.patient,
        response.instrument_id,
        response.answers,
        response.administered_at,
    )


def safety_answers(source: Said, instrument: Instrument) -> list[SafetyAnswer]:
    """The safety items that were asked, each beside its last known answer before."""
    return [
        SafetyAnswer(item, _number(source.answers.get(item.id)), _last_known(source, item))
        for item in instrument.items
        if item.safety and source.only in {"", item.id} and not _ruled_out(instrument, item, source)
    ]


def _ruled_out(instrument: Instrument, item: Item, source: Said) -> bool:
    """A question that the answers before it rule out was not put, so nothing is open about it."""
    given: dict[str, Answer] = {}
    for name, answer in source.answers.items():
        given[name] = answer if isinstance(answer, int) else NotAnswered(str(answer))
    return asked_items(instrument, given).get(item.id) is False


def follow_up_answers(
    *, by: Actor, now: datetime, source: Said, instrument: Instrument, known: KnowledgeSet
) -> None:
    """Raise an alert or open the same-day review, as each safety answer asks for; twice is once."""
    for safety in safety_answers(source, instrument):
        key = f"safety-answer:{source.public_id}:{safety.item.id}"
        about = About("response", source.public_id, instrument.id)
        detail = _detail(instrument, safety)
        if safety.course in {Course.NEW, Course.RISEN}:
            patience = min(record.answer_alert_within_minutes for record in known.risk_responses.values())
            raise_alert(
                by=by,
                now=now,
                kind=AlertKind.SUICIDE_ITEM.value,
                key=key,
                patient=source.patient,
                severity="now",
                acknowledge_by=now + timedelta(minutes=patience),
                about=about,
                detail=detail,
            )
        elif safety.course in {Course.UNCHANGED, Course.NOT_KNOWN}:
            open_task(
                by=by,
                now=now,
                kind=TaskKind.RISK_REVIEW.value,
                key=key,
                site=source.patient.site,
                due_at=_end_of_day(source.patient, now),
                patient=source.patient,
                about=about,
                detail=detail,
            )


def _detail(instrument: Instrument, safety: SafetyAnswer) -> str:
    words = {
        "form": instrument.abbreviation,
        "item": safety.item.id,
        "now": safety.answer,
        "then": safety.before,
    }
    match safety.course:
        case Course.NEW:
            return _("%(form)s question %(item)s: %(now)s, new") % words
        case Course.RISEN:
            return _("%(form)s question %(item)s: %(now)s, up from %(then)s") % words
        case Course.NOT_KNOWN:
            return _("%(form)s question %(item)s was not answered") % words
        case _:
            return _("%(form)s question %(item)s: %(now)s, was %(then)s") % words


def _last_known(source: Said, item: Item) -> int | None:
    """The newest number given to the item before this; corrected entries do not count."""
    earlier = Response.objects.filter(
        patient=source.patient,
        instrument_id=source.instrument_id,
        administered_at__lte=source.at,
        superseded_by__isnull=True,
    ).exclude(public_id=source.public_id)
    for answers in earlier.order_by("-administered_at", "-id").values_list("answers", flat=True):
        if (number := _number(answers.get(item.id))) is not None:
            return number
    return None


def _number(answer: object) -> int | None:
    return answer if isinstance(answer, int) and not isinstance(answer, bool) else None


def _end_of_day(patient: "Patient", now: datetime) -> datetime:
    """The end of the site's day: 'same day' is the clinic's, not Greenwich's."""
    zone = ZoneInfo(patient.site.time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone)
