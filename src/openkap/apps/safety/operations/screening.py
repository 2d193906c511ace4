"""Answers about suicide: kept, graded, and acted upon in the transaction that kept the questionnaire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people
from openkap.apps.safety import queries
from openkap.apps.safety.knowing import sets_for, signs_of
from openkap.apps.safety.models import Screen
from openkap.apps.safety.operations.alerting import interrupt, look_at_same_day
from openkap.apps.safety.operations.opening import Cause, open_pathway
from openkap.apps.safety.words import answer_in_words
from openkap.apps.tasks.operations import About
from openkap.core.assessment.suicide_risk import (
    AnswerCourse,
    Attention,
    Evidence,
    Level,
    Raise,
    Screened,
    answer_course,
    attention_for,
    course_of_risk,
    raise_of,
)
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class ItemSaid:
    """One question about suicide: its answer and the last known one before; None is 'not known'."""

    item: str
    answer: int | None
    before: int | None

    @property
    def course(self) -> AnswerCourse:
        return answer_course(self.answer, self.before)


@dataclass(frozen=True)
class Said:
    """What a questionnaire says about suicide, whole or as far as it is filled in.

    `source`: the response, or the form being filled in. `items`: the questions to look at now; `answers`: all
    that are known. `outcome` is '' when the form has none or it cannot be told yet. `total_before`: the last
    one known before of the same questionnaire.
    """

    source: UUID
    patient: "Patient"
    instrument_id: str
    abbreviation: str
    at: datetime
    items: tuple[ItemSaid, ...] = ()
    answers: Mapping[str, int | None] = field(default_factory=dict)
    outcome: str = ""
    total: float | None = None
    total_before: float | None = None

    @property
    def course_of_total(self) -> AnswerCourse:
        """Of a total that came without its answers; where they are known they speak for themselves."""
        is_alone = self.total is not None and all(answer is None for answer in self.answers.values())
        return answer_course(self.total, self.total_before) if is_alone else AnswerCourse.NONE


@dataclass
class _Look:
    """What is new in what was said, and what it asks for."""

    said: Said
    known: KnowledgeSet
    earlier: list[Screen]
    items: list[ItemSaid]
    raised: Raise
    is_same: bool  # it raises to nothing that it did not before

    @property
    def says_nothing_new(self) -> bool:
        unsaid = not self.said.items and self.raised.level is Level.NOT_ASSESSED
        return not self.items and (self.is_same or unsaid)

    @property
    def course_of_total(self) -> AnswerCourse:
        """Only where totals of this questionnaire raise anything, and once."""
        signs, instrument = signs_of(self.known).signs, self.said.instrument_id
        is_sign = any(one.instrument == instrument and one.total_at_least for one in signs)
        return self.said.course_of_total if is_sign and not self.earlier else AnswerCourse.NONE

    @property
    def newly_raised(self) -> Raise:
        return Raise(Level.NOT_ASSESSED) if self.is_same else self.raised


@transaction.atomic
def note_screen(*, by: Actor, now: datetime, said: Said) -> Screen | None:
    """Keep what was said and act on it; what was said of the same source before is not acted on twice.

    New, risen or acute interrupts a person; unchanged or unsaid enters the same-day review; a level that rises
    opens its steps. A positive screen with something new or higher in it opens its own even at the same level,
    and high risk said anew asks for a new decision where one was taken. Returns None when nothing new was said.
    The caller has checked that `by` may enter answers.
    """
    people.lock(said.patient)
    look = _look(said, now)
    if look.says_nothing_new:
        return None
    rose, is_latest, after = _rises(said.patient, said.at, look.raised)
    courses = [*(one.course for one in look.items), look.course_of_total]
    row = _new_row(by, now, look, attention_for(courses, look.newly_raised, rose=rose))
    row.alert_key = _reach(by, now, look, row)
    row.save()
    _record(by, now, row)
    is_fresh = is_latest and bool({AnswerCourse.NEW, AnswerCourse.RISEN} & set(courses))
    asks_again = is_fresh and look.newly_raised.level is Level.HIGH and queries.is_decided(said.patient)
    sets = sets_for(after, look.newly_raised.opens, rose=rose or asks_again, fresh=is_fresh)
    if sets:
        cause = Cause("screen", row.public_id)
        open_pathway(
            by=by, now=now, patient=said.patient, cause=cause, level=after, sets=sets, known=look.known
        )
    return row


def _look(said: Said, now: datetime) -> _Look:
    known = knowledge_for(said.patient.site, now)
    earlier = list(Screen.objects.filter(source_id=said.source).order_by("id"))
    told = {one["item"]: one["answer"] for row in earlier for one in row.said}
    items = [one for one in said.items if one.item not in told or told[one.item] != one.answer]
    signs = signs_of(known)
    raised = raise_of(Screened(said.instrument_id, said.outcome, said.total, said.answers), signs)
    before = (earlier[-1].level, earlier[-1].opens) if earlier else None
    is_same = before == (raised.level.value, raised.opens.value if raised.opens else "")
    return _Look(said, known, earlier, items, raised, is_same)


def _reach(by: Actor, now: datetime, look: _Look, row: Screen) -> str:
    """Interrupt somebody or put it on the day's list. Returns the key of the alert, '' without one."""
    said, source = look.said, About("risk", look.said.source, look.said.instrument_id)
    detail = _detail(said, [*look.earlier, row], look.raised)
    keys = [one.alert_key for one in look.earlier if one.alert_key]
    if row.attention == Attention.NOW:
        return interrupt(
            by=by, now=now, patient=said.patient, about=source, detail=detail, keys=keys, known=look.known
        )
    if row.attention == Attention.SAME_DAY and not keys:
        look_at_same_day(by=by, now=now, patient=said.patient, about=source, detail=detail, known=look.known)
    return ""


def _rises(patient: "Patient", at: datetime, raised: Raise) -> tuple[bool, bool, Level]:
    """Whether this screen raises the level, whether it is the latest word, and the level after everything."""
    new = Evidence(at, raised.level, by_clinician=False, ref="~")  # sorts after what was there at that moment
    course = course_of_risk([*queries.evidence_of(patient), new])
    point = next(one for one in course if one.evidence is new)
    return point.rose and course[-1].level is point.level, course[-1] is point, course[-1].level


def _new_row(by: Actor, now: datetime, look: _Look, attention: Attention) -> Screen:
    said, raised = look.said, look.raised
    return Screen(
        site_id=said.patient.site_id,
        patient=said.patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        source_id=said.source,
        instrument_id=said.instrument_id,
        abbreviation=said.abbreviation,
        answered_at=said.at,
        outcome_id=said.outcome,
        total=said.total,
        said=[
            {"item": one.item, "answer": one.answer, "before": one.before, "course": one.course.value}
            for one in look.items
        ],
        level=raised.level.value,
        opens=raised.opens.value if raised.opens else "",
        attention=attention.value,
    )


def _record(by: Actor, now: datetime, row: Screen) -> None:
    subject = Subject("screen", row.public_id, row.patient.public_id, row.site_id)
    details = {"instrument": row.instrument_id, "attention": row.attention}
    audit.record(by=by, now=now, action="safety.screen", subject=subject, details=details)


def _detail(said: Said, rows: list[Screen], raised: Raise) -> str:
    """What was answered, in the language of the house: staff read it, whoever answered."""
    latest = {one["item"]: one for row in rows for one in row.said if one["course"] != AnswerCourse.NONE}
    with translation.override(settings.LANGUAGE_CODE):
        parts = [_item_words(said, one) for one in latest.values()]
        if said.total is not None and not parts:
            parts = [_("%(form)s total %(total)g") % {"form": said.abbreviation, "total": said.total}]
        if raised.is_acute:
            parts.insert(0, _("ACUTE"))
        return "; ".join(parts)[:300]


def _item_words(said: Said, one: Mapping[str, object]) -> str:
    item = str(one["item"])
    now, then = (answer_in_words(said.instrument_id, item, one[key]) for key in ("answer", "before"))
    words = {"form": said.abbreviation, "item": item, "now": now, "then": then}
    match one["course"]:
        case AnswerCourse.NEW:
            return _("%(form)s question %(item)s: %(now)s, new") % words
        case AnswerCourse.RISEN:
            return _("%(form)s question %(item)s: %(now)s, up from %(then)s") % words
        case AnswerCourse.NOT_KNOWN:
            return _("%(form)s question %(item)s was not answered") % words
        case _:
            return _("%(form)s question %(item)s: %(now)s, was %(then)s") % words
