"""What a questionnaire says about suicide or self-harm, handed on in the transaction that keeps it.

`hearing` looks at the newest ones again: what reached nobody, however that came about, is handed on then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from openkap.apps.audit.operations import Actor
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.models import Response
from openkap.apps.safety import operations as safety
from openkap.apps.safety.knowing import signs_of
from openkap.apps.safety.operations import ItemSaid
from openkap.core.psychometrics import Answer, NotAnswered, asked_items, outcome_of
from openkap.knowledge.schema.instrument import Instrument, Item, Points

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient


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
    total: Points | None = None


def said_in(response: Response) -> Said:
    """What a response says."""
    return Said(
        response.public_id,
        response.patient,
        response.instrument_id,
        response.answers,
        response.administered_at,
        total=response.total,
    )


def follow_up_answers(*, by: Actor, now: datetime, source: Said, instrument: Instrument) -> bool:
    """Have what it says about suicide kept and acted upon, if it may say anything; twice is once.

    Returns whether it said anything new.
    """
    signs = signs_of(knowledge_for(source.patient.site, now))
    may_raise = any(sign.instrument == instrument.id for sign in signs.signs)
    items = tuple(_items(source, instrument))
    if not items and not may_raise:
        return False
    given = _given(source)
    outcome, _undecided = outcome_of(instrument, given, {"total": source.total})
    said = safety.Said(
        source=source.public_id,
        patient=source.patient,
        instrument_id=instrument.id,
        abbreviation=instrument.abbreviation,
        at=source.at,
        items=items,
        answers={name: _number(answer) for name, answer in given.items()},
        outcome=outcome.id if outcome else "",
        total=source.total,
        total_before=_last_total(source),
    )
    return safety.note_screen(by=by, now=now, said=said) is not None


def _items(source: Said, instrument: Instrument) -> list[ItemSaid]:
    """The safety items that were asked, each beside its last known answer before."""
    asked = asked_items(instrument, _given(source))
    return [
        ItemSaid(item.id, _number(source.answers.get(item.id)), _last_known(source, item))
        for item in instrument.items
        # what the answers before it rule out was not put, so nothing is open about it
        if item.safety and source.only in {"", item.id} and asked.get(item.id) is not False
    ]


def _given(source: Said) -> dict[str, Answer]:
    return {
        name: answer if isinstance(answer, int) else NotAnswered(str(answer))
        for name, answer in source.answers.items()
    }


def _last_known(source: Said, item: Item) -> int | None:
    """The newest number given to the item before this; corrected entries do not count."""
    for answers in _earlier(source).values_list("answers", flat=True):
        if (number := _number(answers.get(item.id))) is not None:
            return number
    return None


def _last_total(source: Said) -> float | None:
    """The newest total before this; corrected entries do not count."""
    if source.total is None:
        return None
    return _earlier(source).filter(total__isnull=False).values_list("total", flat=True).first()


def _earlier(source: Said) -> "QuerySet[Response]":
    earlier = Response.objects.filter(
        patient=source.patient,
        instrument_id=source.instrument_id,
        administered_at__lte=source.at,
        superseded_by__isnull=True,
    ).exclude(public_id=source.public_id)
    return earlier.order_by("-administered_at", "-id")


def _number(answer: object) -> int | None:
    return answer if isinstance(answer, int) and not isinstance(answer, bool) else None
