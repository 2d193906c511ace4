"""What a patient was, is and will be asked, in the words of the reader: for the schedule in the chart."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.measures.burden import Limit, limit_at
from openkap.apps.measures.cadence import Standing, standing_of
from openkap.apps.measures.models import CONSENT_WITHDRAWN, Ask, AskingChange, AskState
from openkap.apps.measures.queries import words
from openkap.core.planning import asking as core
from openkap.knowledge.schema.cadence import AskStage, Cadence
from openkap.knowledge.schema.instrument import Respondent

if TYPE_CHECKING:
    from openkap.apps.access.models import User
    from openkap.apps.people.models import Patient

WEEK = timedelta(days=7)
WEEKS_SHOWN = 4  # ahead, week by week; what lies further is listed below them
Words = str | Promise
STAGE_WORDS: dict[str, Words] = {
    AskStage.ASSESSMENT.value: _("Assessment"),
    AskStage.INDUCTION.value: _("Induction"),
    AskStage.BETWEEN_DOSES.value: _("Around doses"),
    AskStage.INTEGRATION.value: _("Integration"),
    AskStage.MAINTENANCE.value: _("Maintenance"),
    AskStage.FOLLOW_UP.value: _("Follow-up"),
    "": _("By hand"),
}
STATE_SHOWN = {
    AskState.ANSWERED: "ok",
    AskState.EXPIRED: "over",
    AskState.WITHDRAWN: "blocked",
}
TAKEN_BACK_BY_ITSELF = _("The plan changed, or it was answered shortly before.")
REASONS = {CONSENT_WITHDRAWN: _("The patient withdrew consent to the treatment.")}


@dataclass(frozen=True)
class Listed:
    """One ask in the schedule. `status` is a state of `web.status`; `key` and `day` name it for skipping."""

    key: str
    day: date
    instrument_id: str
    name: str
    title: str
    stage: Words
    why: str
    minutes: float
    by_clinician: bool
    status: str
    state: Words
    opens: datetime
    due: datetime
    expires: datetime
    overlaps: bool
    reminded: int = 0
    next_reminder: datetime | None = None
    closed_at: datetime | None = None
    by: "User | None" = None
    reason: Words = ""
    response_id: UUID | None = None


@dataclass(frozen=True)
class Round:
    """What is asked at the same time for the same reason and stands alike: one entry of the schedule."""

    asks: tuple[Listed, ...]
    closes_on: date | None  # the last local day, where it closes with a day
    opens_with_day: bool

    @property
    def first(self) -> Listed:
        """What they have in common is read off the first."""
        return self.asks[0]

    @property
    def minutes(self) -> float:
        """For all of them together."""
        return sum(one.minutes for one in self.asks)

    @property
    def reminded(self) -> int:
        """The most any of them was reminded."""
        return max(one.reminded for one in self.asks)

    @property
    def overlaps(self) -> bool:
        """Whether one of them asks about days the one before it asked about."""
        return any(one.overlaps for one in self.asks)


@dataclass(frozen=True)
class Week:
    """Seven local days from `begins`: what opens in them, and the patient's minutes."""

    begins: date
    rounds: tuple[Round, ...]
    minutes: float
    limit: float | None

    @property
    def is_too_much(self) -> bool:
        """More than the site, or else the cadence, says a week should hold."""
        return self.limit is not None and self.minutes > self.limit


@dataclass(frozen=True)
class Schedule:
    """Everything the page shows. `weeks` are those ahead, the running one with what is open now first."""

    cadence: Cadence | None
    title: str
    chosen_by_hand: bool
    pause: core.Pause | None
    withdrawn_at: datetime | None  # since when consent to the treatment stands withdrawn
    left_out: tuple[str, ...]
    changes: tuple[AskingChange, ...]  # newest first
    open: tuple[Listed, ...]
    weeks: tuple[Week, ...]
    later: tuple[Round, ...]
    behind: tuple[Round, ...]  # newest first
    limit: Limit | None = None
    unanswered: int = 0
    names: dict[str, str] = field(default_factory=dict)


def schedule_of(patient: "Patient", now: datetime) -> Schedule:
    """The patient's schedule as of `now`. Check the viewer beforehand."""
    standing = standing_of(patient, now)
    zone = ZoneInfo(patient.site.time_zone)
    today = now.astimezone(zone).date()
    rows = [_of_row(row, standing, now) for row in _with_people(standing)]
    open_ones = tuple(one for row, one in zip(standing.rows, rows, strict=True) if row.state == AskState.ASKED)
    ahead = [_of_ask(ask, standing) for ask in standing.wanted if ask.opens > now and not standing.settled(ask)]
    until = today + WEEKS_SHOWN * WEEK
    changes, known = standing.changes, standing.known.instruments
    limit = limit_at(patient.site, standing.cadence)
    return Schedule(
        cadence=standing.cadence,
        title=words(standing.cadence.title) if standing.cadence else "",
        chosen_by_hand=bool(standing.cadence and changes.cadence_id == standing.cadence.id),
        pause=changes.pause_at(now),
        withdrawn_at=standing.course.withdrawn_at if standing.course else None,
        left_out=tuple(sorted(known[name].abbreviation for name in changes.left_out if name in known)),
        changes=tuple(reversed(changes.rows)),
        open=open_ones,
        weeks=_weeks([*open_ones, *ahead], today, zone, limit),
        limit=limit,
        later=_rounds((one for one in ahead if _local(one.opens, zone) >= until), zone),
        behind=_rounds(sorted((one for one in rows if one.closed_at), key=_closed, reverse=True), zone),
        unanswered=sum(row.state == AskState.EXPIRED for row in standing.rows),
        names={name: known[name].abbreviation for name in known},
    )


def skippable(patient: "Patient", now: datetime, opens: str) -> list[Listed]:
    """What is open, or still to come, and opens at that moment, as addresses write it."""
    standing = standing_of(patient, now)
    found = [_of_row(row, standing, now) for row in standing.open_rows]
    found += [
        _of_ask(ask, standing) for ask in standing.wanted if ask.opens > now and not standing.settled(ask)
    ]
    return [one for one in found if _same(one.opens, opens)]


def _same(moment: datetime, text: str) -> bool:
    try:
        asked = datetime.fromisoformat(text)
    except ValueError:
        return False
    return asked.tzinfo is not None and abs(moment - asked) < timedelta(seconds=1)


def _with_people(standing: Standing) -> list[Ask]:
    """The rows with who closed them and what answered them: one query."""
    keys = [row.pk for row in standing.rows]
    found = Ask.objects.filter(pk__in=keys).select_related("closed_by", "asked_by", "response").in_bulk()
    return [found[key] for key in keys]


def _weeks(asks: list[Listed], today: date, zone: ZoneInfo, limit: Limit | None) -> tuple[Week, ...]:
    """Weeks from today; what is open already counts in the first."""

    def number(one: Listed) -> int:
        return max((_local(one.opens, zone) - today) // WEEK, 0)

    of_week = {week: tuple(found) for week, found in groupby(sorted(asks, key=number), number)}
    return tuple(
        Week(
            today + week * WEEK,
            _rounds(of_week.get(week, ()), zone),
            sum(one.minutes for one in of_week.get(week, ()) if not one.by_clinician),
            limit.minutes if limit else None,
        )
        for week in range(WEEKS_SHOWN)
    )


def _rounds(asks: Iterable[Listed], zone: ZoneInfo) -> tuple[Round, ...]:
    """Neighbours that stand alike, together."""

    def alike(one: Listed) -> tuple[object, ...]:
        closed = one.closed_at and one.closed_at.replace(second=0, microsecond=0)
        return one.stage, one.why, one.opens, one.expires, one.by_clinician, one.status, closed, one.reason

    return tuple(_round(tuple(found), zone) for _alike, found in groupby(asks, alike))


def _round(asks: tuple[Listed, ...], zone: ZoneInfo) -> Round:
    opens, expires = (moment.astimezone(zone) for moment in (asks[0].opens, asks[0].expires))
    last = (expires - timedelta(days=1)).date() if expires.time() == time.min else None
    return Round(asks, last, opens.time() == time.min)


def _of_row(row: Ask, standing: Standing, now: datetime) -> Listed:
    state = AskState(row.state)
    is_late = state is AskState.ASKED and row.due_at <= now
    return Listed(
        key=row.key,
        day=row.day,
        instrument_id=row.instrument_id,
        **_named(row.instrument_id, standing),
        stage=STAGE_WORDS.get(row.stage, row.stage),
        why=_why(row.line_id, standing),
        by_clinician=row.by_clinician,
        status=STATE_SHOWN.get(state, "warn" if is_late else "due"),
        state=_("Asked, past its day") if is_late else state.label,
        opens=row.opens_at,
        due=row.due_at,
        expires=row.expires_at,
        overlaps=row.overlaps,
        reminded=row.reminded,
        next_reminder=row.next_reminder_at,
        closed_at=row.closed_at,
        by=row.closed_by or row.asked_by,
        reason=REASONS.get(row.reason, row.reason)
        or (TAKEN_BACK_BY_ITSELF if state is AskState.WITHDRAWN else ""),
        response_id=row.response.public_id if row.response else None,
    )


def _of_ask(ask: core.Ask, standing: Standing) -> Listed:
    return Listed(
        key=ask.key,
        day=ask.day,
        instrument_id=ask.instrument_id,
        **_named(ask.instrument_id, standing),
        stage=STAGE_WORDS[ask.stage.value],
        why=_why(ask.line_id, standing),
        by_clinician=ask.by is Respondent.CLINICIAN,
        status="planned",
        state=_("To come"),
        opens=ask.opens,
        due=ask.due,
        expires=ask.expires,
        overlaps=ask.overlaps,
        next_reminder=ask.reminders[0] if ask.reminders else None,
    )


def _named(instrument_id: str, standing: Standing) -> dict[str, Any]:
    known = standing.known.instruments.get(instrument_id)
    if known is None:
        return {"name": instrument_id, "title": instrument_id, "minutes": 0.0}
    return {"name": known.abbreviation, "title": words(known.title), "minutes": known.minutes}


def _why(line_id: str, standing: Standing) -> str:
    lines = standing.cadence.lines if standing.cadence else ()
    return next((words(line.why) for line in lines if line.id == line_id), "")


def _closed(one: Listed) -> datetime:
    assert one.closed_at is not None  # noqa: S101  the callers have looked
    return one.closed_at


def _local(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
