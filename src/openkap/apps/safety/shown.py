"""What the Safety page shows, row by row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from openkap.apps.chart.forms import in_language
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.messages.queries import calls_shown
from openkap.apps.safety import queries
from openkap.apps.safety.knowing import step_words
from openkap.apps.safety.models import Plan, Result, Screen
from openkap.apps.safety.operations.calling import prefix_of_all
from openkap.apps.safety.plan_parts import SECTIONS, Line, Section
from openkap.apps.safety.words import ATTENTION, CHOICES, IDEATION, LEVELS, TONES, answer_in_words
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.core.assessment.suicide_risk import AnswerCourse, Attention, Choice, Level, Point
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.risk_pathway import Opens

if TYPE_CHECKING:
    from openkap.apps.messages.models import Message
    from openkap.apps.people.models import Patient
    from openkap.apps.tasks.models import Alert, Task

PATHWAY = (TaskKind.RISK_STEP.value, TaskKind.RISK_DECISION.value, TaskKind.RISK_REVIEW.value)


@dataclass(frozen=True)
class LevelShown:
    """A level as people see it: word and state of web.status."""

    word: str
    tone: str


@dataclass(frozen=True)
class Row:
    """One line of the history: a screen, a result or a decision, and the level after it."""

    at: datetime
    what: str
    detail: str
    who: str
    after: LevelShown | None
    changed: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StepRow:
    """A task of the pathway with its words."""

    task: "Task"
    words: str
    late: bool
    by_hand: bool  # closed by saying what was done


def level_shown(level: Level) -> LevelShown:
    """Word and tone of a level."""
    return LevelShown(str(LEVELS[level]), TONES[level])


def steps_shown(patient: "Patient", now: datetime) -> tuple[list[StepRow], list[StepRow]]:
    """The pathway's open tasks by due time, and those that were closed, latest first."""
    known = knowledge_for(patient.site, now)
    rows = [_step(task, known, now) for task in tasks.tasks_of(patient).filter(kind__in=PATHWAY)]
    return [row for row in rows if row.task.state == "open"], [row for row in rows if row.task.state != "open"]


def _step(task: "Task", known: KnowledgeSet, now: datetime) -> StepRow:
    text = step_words(known, task.about_code) if task.kind == TaskKind.RISK_STEP else None
    detail = in_language(text) if text else str(task.words)
    if task.kind == TaskKind.RISK_REVIEW and task.detail:
        detail = f"{task.words}: {task.detail}"
    late = task.state == "open" and task.due_at < now
    return StepRow(task, detail, late, task.kind != TaskKind.RISK_DECISION)


@dataclass(frozen=True)
class AlertRow:
    """An alert with what became of it, line by line: called, handed on, answered."""

    alert: "Alert"
    lines: list[str]
    open: bool


def alerts_shown(patient: "Patient") -> list[AlertRow]:
    """The interruptions about suicide risk, latest first: who was called when, and who did what."""
    found = [one for one in tasks.alerts_of(patient) if one.kind == AlertKind.SUICIDE_ITEM.value]
    zone = ZoneInfo(patient.site.time_zone)
    calls = calls_shown(map(prefix_of_all, found))
    return [
        AlertRow(one, _became_of(one, calls[prefix_of_all(one)], zone), one.acknowledged_at is None)
        for one in found
    ]


def _became_of(alert: "Alert", calls: "Iterable[Message]", zone: tzinfo) -> list[str]:
    """In the order it happened."""
    moments = [(one.queued_at, _call_words(one)) for one in calls]
    for one in alert.escalations.all():
        words = _("nobody had acknowledged it: it went on to %(role)s") % {"role": one.get_to_role_display()}
        moments.append((one.at, words))
    if alert.acknowledged_at is not None:
        words = _("acknowledged by %(who)s: %(what)s") % {
            "who": alert.acknowledged_by,
            "what": alert.what_was_done,
        }
        moments.append((alert.acknowledged_at, words))
    return [
        f"{date_format(at.astimezone(zone), 'j M, H:i')}: {words}"
        for at, words in sorted(moments, key=lambda moment: moment[0])
    ]


def _call_words(message: "Message") -> str:
    said = {
        "who": message.user,
        "how": message.get_channel_display(),
        "state": message.get_state_display(),
    }
    return _("%(who)s called by %(how)s (%(state)s)") % said


def history_shown(patient: "Patient") -> list[Row]:
    """Everything that bore on the level, latest first."""
    after = {point.evidence.ref: point for point in queries.course_of(patient)}
    rows = [
        *(_screen_row(rows, after[str(rows[-1].public_id)]) for rows in _by_source(patient)),
        *(_result_row(row, after[str(row.public_id)]) for row in queries.results_of(patient)),
        *_decision_rows(patient),
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _by_source(patient: "Patient") -> list[list[Screen]]:
    """The rows of each questionnaire together, as they came: one line for all that one says."""
    found: dict[UUID, list[Screen]] = {}
    for row in reversed(queries.screens_of(patient)):
        found.setdefault(row.source_id, []).append(row)
    return list(found.values())


def _screen_row(rows: list[Screen], point: Point) -> Row:
    last = rows[-1]
    newest = {one["item"]: one for row in rows for one in row.said}
    said = [_said(last.instrument_id, one) for one in newest.values()]
    if last.total is not None and not said:
        said = [_("total %(total)g") % {"total": last.total}]
    most = max((Attention(row.attention) for row in rows), key=list(Attention).index)
    detail = "; ".join([*said, str(ATTENTION[most])])
    is_acute = any(row.opens == Opens.ACUTE for row in rows)
    what = _("%(form)s, acute") % {"form": last.abbreviation} if is_acute else last.abbreviation
    return Row(last.answered_at, what, detail, _("the patient"), level_shown(point.level), _moved(point))


def _said(instrument_id: str, one: dict[str, Any]) -> str:
    now, then = (answer_in_words(instrument_id, one["item"], one[key]) for key in ("answer", "before"))
    words = {"item": one["item"], "now": now, "then": then}
    if one["answer"] is None:
        return _("question %(item)s not answered") % words
    if one["before"] is None or one["course"] in {AnswerCourse.NONE, AnswerCourse.NEW}:
        return _("question %(item)s: %(now)s") % words
    return _("question %(item)s: %(now)s, was %(then)s") % words


def _result_row(row: Result, point: Point) -> Row:
    ideation = dict(IDEATION).get(row.ideation if row.ideation is not None else -1, _("not known"))
    parts = [
        _("ideation %(level)s") % {"level": ideation},
        _("behaviour in 3 months: %(answer)s") % {"answer": _three(row.behaviour_recent)},
        _("ever: %(answer)s") % {"answer": _three(row.behaviour_ever)},
    ]
    who, notes = str(row.recorded_by or ""), [row.note] if row.note else []
    if not row.certain:
        notes.append(_("Parts are not known, so it does not lower the level."))
    return Row(
        row.assessed_at,
        _("C-SSRS result"),
        "; ".join(parts),
        who,
        level_shown(point.level),
        _moved(point),
        notes,
    )


def _decision_rows(patient: "Patient") -> Iterator[Row]:
    for opening in queries.openings_of(patient).filter(decision__isnull=False):
        decision = opening.decision
        choice = str(CHOICES[Choice(decision.choice)])
        detail = f"{choice}: {decision.setting}" if decision.setting else choice
        who = str(decision.recorded_by or "")
        yield Row(decision.recorded_at, _("Decision, signed"), detail, who, None, notes=[decision.reason])


def _three(answer: bool | None) -> str:
    return _("not known") if answer is None else _("yes") if answer else _("no")


def _moved(point: Point) -> bool:
    return point.level is not point.before


def plan_shown(plan: Plan) -> list[tuple[Section, list[Line]]]:
    """The sections of a plan that have lines, in order."""
    found = [(section, [Line(**line) for line in plan.content.get(section.id, [])]) for section in SECTIONS]
    return [(section, lines) for section, lines in found if lines]
