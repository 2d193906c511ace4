"""The sweep for answers about suicide that never reached anybody.

They are handed on in the transaction that keeps them, so on a good day it finds none. It is for the bad day: an
import, a restored table, a fault nobody thought of.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from openkap.apps.audit.operations import SystemActor
from openkap.apps.measures.fillings import instrument_of_filling, said_in_filling
from openkap.apps.measures.models import Filling, Response
from openkap.apps.measures.queries import instrument_of
from openkap.apps.measures.safety import follow_up_answers, said_in
from openkap.apps.safety.queries import heard_of
from openkap.knowledge.loader import versions_of
from openkap.knowledge.schema.instrument import Instrument, Item

NEWEST = 1000
LOOKED_BACK = timedelta(days=7)
Told = Mapping[str, int | None]


def keep_answers_heard(*, now: datetime) -> int:
    """Hand on the newest answers about suicide that never reached anybody. Returns how many forms those were.

    Safe to run at any time, twice, or late: what was heard is not handed on again. At most the `NEWEST` of
    `LOOKED_BACK` are looked at.
    """
    return _hear_responses(now) + _hear_fillings(now)


def _hear_responses(now: datetime) -> int:
    silent = _silent()
    newest = Response.objects.filter(superseded_by__isnull=True).order_by("-id")[:NEWEST]
    rows = newest.values_list("public_id", "recorded_at", "instrument_id", "instrument_version")
    ids = [key for key, at, *which in rows if at >= now - LOOKED_BACK and tuple(which) not in silent]
    heard = heard_of(ids)
    unheard = Response.objects.filter(public_id__in=[key for key in ids if key not in heard])
    return sum(_hand_on(one, now) for one in unheard.select_related("patient__site").order_by("id"))


def _hand_on(response: Response, now: datetime) -> bool:
    if not response.answers and not response.total:
        return False  # a total of nothing raises nothing
    with transaction.atomic():
        return follow_up_answers(
            by=SystemActor(), now=now, source=said_in(response), instrument=instrument_of(response)
        )


def _hear_fillings(now: datetime) -> int:
    """Forms on a telephone that were not handed in: each answer by itself, as it was given."""
    newest = Filling.objects.filter(handed_in_at__isnull=True).order_by("-id")[:NEWEST]
    found = [one for one in newest.select_related("patient__site") if one.touched_at >= now - LOOKED_BACK]
    heard = heard_of([one.public_id for one in found])
    return sum(_hear_filling(one, heard.get(one.public_id, {}), now) for one in found)


def _hear_filling(filling: Filling, told: Told, now: datetime) -> bool:
    instrument = instrument_of_filling(filling)
    missed = [item for item in instrument.items if item.safety and _is_missed(item, filling.answers, told)]
    for item in sorted(missed, key=lambda one: str(filling.answers[one.id]), reverse=True):  # the gravest first
        with transaction.atomic():
            source = said_in_filling(filling, item)
            follow_up_answers(by=SystemActor(), now=now, source=source, instrument=instrument)
    return bool(missed)


def _is_missed(item: Item, answers: Mapping[str, object], told: Told) -> bool:
    """Whether it was answered and nobody heard of it; a number, also that it has become another."""
    if item.id not in answers:
        return False
    answer = answers[item.id]
    return item.id not in told or (isinstance(answer, int) and told[item.id] != answer)


def _silent() -> set[tuple[str, int]]:
    """The packaged questionnaires that ask nothing about suicide. Those without words may have a site's own."""
    return {
        (one.id, one.version)
        for one in versions_of("instruments", Instrument)
        if one.items and not any(item.safety for item in one.items)
    }
