"""The sweep for answers about suicide that never reached anybody.

They are handed on in the transaction that keeps them, so on a good day it finds none. It is for the bad day: an
import, a restored table, a fault nobody thought of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from openkap.apps.audit.operations import SystemActor
from openkap.apps.measures.fillings import instrument_of_filling, said_in_filling
from openkap.apps.measures.models import Filling, Response
from openkap.apps.measures.queries import instrument_of
from openkap.apps.measures.safety import follow_up_answers, said_in
from openkap.apps.safety.queries import heard_of
from openkap.knowledge.loader import versions_of
from openkap.knowledge.schema.instrument import Instrument, Item

AT_ONCE = 1000
LOOKED_BACK = timedelta(days=7)
FIELDS = ("pk", "public_id", "recorded_at", "instrument_id", "instrument_version")
Told = Mapping[str, int | None]


def keep_answers_heard(*, now: datetime) -> int:
    """Hand on the answers about suicide of `LOOKED_BACK` that never reached anybody. Returns how many forms.

    Safe to run at any time, twice, or late: what was heard is not handed on again. All are looked at, so many
    `AT_ONCE`; the oldest is handed on first, as each is compared with what was heard before it.
    """
    return _hear_responses(now) + _hear_fillings(now)


def _hear_responses(now: datetime) -> int:
    unheard = [key for keys in _unheard_slices(now) for key in keys]
    rows = Response.objects.filter(pk__in=unheard).select_related("patient__site").order_by("id")
    return sum(_hand_on(one, now) for one in rows.iterator(AT_ONCE))


def _unheard_slices(now: datetime) -> Iterator[list[int]]:
    """The keys of those nobody heard of, newest first, slice by slice until one has nothing recent.

    By key and not by day: there is an index for that, and rows are kept in about the order of time.
    """
    silent, below = _silent(), None
    while True:
        newest = Response.objects.filter(superseded_by__isnull=True)
        newest = newest if below is None else newest.filter(pk__lt=below)
        rows = list(newest.order_by("-pk").values_list(*FIELDS)[:AT_ONCE])
        recent = [row for row in rows if row[2] >= now - LOOKED_BACK]
        if not recent:
            return
        asking = {key: public_id for key, public_id, _at, *which in recent if tuple(which) not in silent}
        heard = heard_of(asking.values())
        yield [key for key, public_id in asking.items() if public_id not in heard]
        below = rows[-1][0]


def _hand_on(response: Response, now: datetime) -> bool:
    if not response.answers and not response.total:
        return False  # a total of nothing raises nothing
    with transaction.atomic():
        return follow_up_answers(
            by=SystemActor(), now=now, source=said_in(response), instrument=instrument_of(response)
        )


def _hear_fillings(now: datetime) -> int:
    """Forms on a telephone that were not handed in: each answer by itself, as it was given."""
    recent = Filling.objects.filter(handed_in_at__isnull=True, touched_at__gte=now - LOOKED_BACK)
    rows = recent.select_related("patient__site").order_by("id").iterator(AT_ONCE)
    return sum(_hear_some(some, now) for some in _batched(rows))


def _hear_some(found: Sequence[Filling], now: datetime) -> int:
    heard = heard_of([one.public_id for one in found])
    return sum(_hear_filling(one, heard.get(one.public_id, {}), now) for one in found)


def _batched(rows: Iterable[Filling]) -> Iterator[tuple[Filling, ...]]:
    """So many at a time as are asked about in one query."""
    left = iter(rows)
    while some := tuple(islice(left, AT_ONCE)):
        yield some


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
