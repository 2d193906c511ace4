"""Questionnaires that came in and that nobody has looked at: each against the one before it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from openkap.apps.inbox.items import InboxItem, InboxKind, Urgency
from openkap.apps.inbox.queries import unseen
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.models import Response
from openkap.apps.measures.queries import (
    band_in_words,
    outcome_in_words,
    outcome_words,
    packaged_instrument,
)
from openkap.apps.measures.words import points_in_words, reason_in_words
from openkap.core import psychometrics
from openkap.core.psychometrics import Change
from openkap.knowledge.schema.criterion import Criterion
from openkap.knowledge.schema.instrument import Instrument, Points

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient

Criteria = Mapping[tuple[int, str], tuple[Criterion, ...]]  # by site and instrument


@dataclass(frozen=True)
class Earlier:
    """The last total of the same form before this one."""

    at: datetime
    total: Points
    band_id: str


def inbox_items(patients: "QuerySet[Patient]", now: datetime, but: Collection[str] = ()) -> list[InboxItem]:
    """One item for each response nobody has looked at; a clinician who rated has, by rating.

    `but`: instruments that are listed in another way.
    """
    rows = Response.objects.filter(patient__in=patients, superseded_by__isnull=True, rater__isnull=True)
    fresh = list(
        unseen(rows.exclude(instrument_id__in=but), InboxKind.RESULT, came="recorded_at")
        .annotate(
            before_pk=Subquery(_same().filter(total__isnull=False).values("pk")[:1]),
            last_at=Subquery(_same().values("administered_at")[:1]),
            last_outcome=Subquery(_same().values("outcome_id")[:1]),
        )
        .select_related("patient", "site")
        .defer("answers")
    )
    earlier = _earlier(fresh)
    criteria = _criteria(fresh, now)
    return [_item(row, earlier.get(row.before_pk), criteria) for row in fresh]


def _same() -> "QuerySet[Response]":
    """The responses to the same form before this one, the last of them first."""
    same = Response.objects.filter(
        patient=OuterRef("patient"),
        instrument_id=OuterRef("instrument_id"),
        instrument_version=OuterRef("instrument_version"),
        administered_at__lt=OuterRef("administered_at"),
        superseded_by__isnull=True,
    )
    return same.order_by("-administered_at", "-id")


def _earlier(fresh: Sequence[Any]) -> dict[int | None, Earlier]:
    """The totals before, by the key of their response."""
    keys = {row.before_pk for row in fresh if row.before_pk is not None}
    rows = Response.objects.filter(pk__in=keys).values_list("pk", "administered_at", "total", "band_id")
    return {pk: Earlier(at, total, band) for pk, at, total, band in rows if total is not None}


def _criteria(fresh: Sequence[Response], now: datetime) -> Criteria:
    known = {row.site_id: knowledge_for(row.site, now) for row in {row.site_id: row for row in fresh}.values()}
    asked = {(row.site_id, row.instrument_id) for row in fresh}
    return {(site, instrument): known[site].criteria_for(instrument) for site, instrument in asked}


def _item(row: Any, before: Earlier | None, criteria: Criteria) -> InboxItem:
    instrument = packaged_instrument(row.instrument_id, row.instrument_version)
    change = _change(row, instrument, before, criteria)
    urgency, status = _urgency(row, instrument, before, change)
    return InboxItem(
        kind=InboxKind.RESULT,
        about=row.public_id,
        patient_id=row.patient_id,
        at=row.administered_at,
        urgency=urgency,
        status=status,
        words=_words(row, instrument),
        detail=_detail(row, before, change),
        path=reverse("measures:entry", args=[row.patient.public_id, row.public_id]),
    )


def _change(row: Response, instrument: Instrument, before: Earlier | None, criteria: Criteria) -> Change | None:
    if before is None or row.total is None:
        return None
    acting = criteria[row.site_id, row.instrument_id]
    return psychometrics.change(instrument, before.total, row.total, acting)


def _urgency(
    row: Response, instrument: Instrument, before: Earlier | None, change: Change | None
) -> tuple[Urgency, str]:
    """How soon, and the state that shows it; a total that is not known is never fine."""
    if row.total is None and instrument.has_total:
        return Urgency.CHANGED, "unknown"
    if change is None or before is None:
        return Urgency.NEW, "info"
    if change.deteriorated.met:
        return Urgency.WORSE, "over"
    if change.improved.met:
        return Urgency.CHANGED, "ok"
    if row.band_id == before.band_id:
        return Urgency.NEW, "info"
    rose = (change.points > 0) == instrument.higher_is_worse
    return Urgency.CHANGED, "warn" if rose else "info"


def _words(row: Response, instrument: Instrument) -> str:
    said = outcome_in_words(instrument, row) or band_in_words(instrument, row)
    if row.total is None:
        reason = reason_in_words(row.total_reason) if instrument.has_total else _("answered")
        words = {"form": instrument.abbreviation, "said": said or reason}
        return _("%(form)s: %(said)s") % words
    score = f"{row.total:g}"
    return f"{instrument.abbreviation} {score}" + (f", {said}" if said else "")


def _detail(row: Any, before: Earlier | None, change: Change | None) -> str:
    if row.last_at is None:
        return _("the first one")
    if before is None or change is None:
        return _outcome_before(row)
    words = {
        "change": points_in_words(change),
        "before": f"{before.total:g}",
        "date": _day(before.at, row),
    }
    said = _("%(change)s; it was %(before)s on %(date)s") % words
    if change.deteriorated.met:
        return _("%(change)s: reliably worse") % {"change": said}
    return _("%(change)s: reliably better") % {"change": said} if change.improved.met else said


def _outcome_before(row: Any) -> str:
    """What a form without a total said the last time; '' where it says nothing beside its score."""
    if not (row.outcome_id and row.last_outcome):
        return ""
    day = _day(row.last_at, row)
    if row.outcome_id == row.last_outcome:
        return _("as on %(date)s") % {"date": day}
    instrument = packaged_instrument(row.instrument_id, row.instrument_version)
    return _("%(before)s on %(date)s") % {"before": outcome_words(instrument, row.last_outcome), "date": day}


def _day(moment: datetime, row: Response) -> str:
    return date_format(moment.astimezone(ZoneInfo(row.site.time_zone)), "MONTH_DAY_FORMAT")
