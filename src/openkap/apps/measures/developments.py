"""What questionnaires say that is new: scores that moved, risk answers that rose, asks that expired."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.inbox.developments import Development, Topic
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.models import Ask, AskState, Response
from openkap.apps.measures.queries import band_in_words, packaged_instrument, responses_of
from openkap.apps.measures.words import points_in_words
from openkap.core import psychometrics
from openkap.core.psychometrics import Change
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.instrument import Instrument

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """The newest score of each questionnaire against the last one before `since`, and what was not answered."""
    by_form: dict[tuple[str, int], list[Response]] = {}
    for row in responses_of(patient).filter(administered_at__lte=until).select_related("patient"):
        by_form.setdefault((row.instrument_id, row.instrument_version), []).append(row)
    known = knowledge_for(patient.site, until)
    found: list[Development] = []
    for rows in by_form.values():
        found += _of_form(rows, since, known)
    return [*found, *_expired(patient, since, until)]


def _of_form(rows: list[Response], since: datetime, known: KnowledgeSet) -> Iterator[Development]:
    after = [row for row in rows if row.administered_at > since]
    if not after:
        return
    instrument = packaged_instrument(after[-1].instrument_id, after[-1].instrument_version)
    before = [row for row in rows if row.administered_at <= since]
    yield from _risen(instrument, before, after)
    scored = [row for row in before if row.total is not None]
    latest = after[-1]
    if not instrument.trended or latest.total is None:
        return
    if not scored or scored[-1].total is None:
        yield _score(instrument, latest, "info", _("the first one"))
        return
    acting = known.criteria_for(instrument.id)
    change = psychometrics.change(instrument, scored[-1].total, latest.total, acting)
    moved = _moved(instrument, change, crossed=scored[-1].band_id != latest.band_id)
    if moved is not None:
        yield _score(instrument, latest, *moved)


def _moved(instrument: Instrument, change: Change, *, crossed: bool) -> tuple[str, str] | None:
    """State and words of a score that moved reliably or to another severity; None when it did neither."""
    if not change.points:
        return None
    said = points_in_words(change)
    if change.deteriorated.met:
        return "over", _("%(change)s: reliably worse") % {"change": said}
    if change.improved.met:
        return "ok", _("%(change)s: reliably better") % {"change": said}
    if not crossed:
        return None
    worse = (change.points > 0) == instrument.higher_is_worse
    return "warn" if worse else "info", _("%(change)s: another severity") % {"change": said}


def _score(instrument: Instrument, row: Response, status: str, detail: str) -> Development:
    band = band_in_words(instrument, row)
    return Development(
        Topic.SCORE,
        row.administered_at,
        status,
        f"{instrument.abbreviation} {row.total:g}" + (f", {band}" if band else ""),
        detail,
        reverse("web:measure", args=[row.patient.public_id, instrument.id]),
    )


def _risen(instrument: Instrument, before: list[Response], after: list[Response]) -> Iterator[Development]:
    """Answers about suicide or self-harm that are new, or higher than any time they were last given."""
    for item in instrument.items if before or after else ():
        if not item.safety:
            continue
        earlier = _last_number(before, item.id)
        risen = [row for row in after if (_number(row, item.id) or 0) > (earlier or 0)]
        if risen:
            yield Development(
                Topic.RISK,
                risen[-1].administered_at,
                "over",
                _("%(form)s, answer on suicide or self-harm") % {"form": instrument.abbreviation},
                _("%(now)s; it was %(before)s")
                % {
                    "now": _number(risen[-1], item.id),
                    "before": _("not known") if earlier is None else earlier,
                },
                reverse("measures:entry", args=[risen[-1].patient.public_id, risen[-1].public_id]),
            )


def _last_number(rows: Iterable[Response], item_id: str) -> int | None:
    return next((found for row in reversed(list(rows)) if (found := _number(row, item_id)) is not None), None)


def _number(row: Response, item_id: str) -> int | None:
    answer = row.answers.get(item_id)
    return answer if isinstance(answer, int) and not isinstance(answer, bool) else None


def _expired(patient: "Patient", since: datetime, until: datetime) -> Iterator[Development]:
    """What was asked and not answered in time: one line for each questionnaire."""
    rows = Ask.objects.filter(
        patient=patient, state=AskState.EXPIRED.value, closed_at__gt=since, closed_at__lte=until
    ).order_by("closed_at", "id")
    by_instrument: dict[str, list[Ask]] = {}
    for row in rows:
        by_instrument.setdefault(row.instrument_id, []).append(row)
    known = knowledge_for(patient.site, until).instruments
    for instrument_id, asks in by_instrument.items():
        instrument = known.get(instrument_id)
        yield Development(
            Topic.QUESTIONNAIRE,
            asks[-1].closed_at or until,
            "warn",
            instrument.abbreviation if instrument else instrument_id,
            _("%(n)s times") % {"n": len(asks)} if len(asks) > 1 else "",
            reverse("web:measures", args=[patient.public_id]),
        )
