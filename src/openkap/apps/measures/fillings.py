"""Questionnaires that patients fill in themselves: what is asked of them, and how far they are.

Callers have fetched the patient as the viewer may see them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.knowledge_base.queries import instrument_with_words, knowledge_for
from openkap.apps.measures.models import Ask, AskState, Filling
from openkap.apps.measures.queries import packaged_instrument
from openkap.apps.measures.safety import Said
from openkap.core import psychometrics
from openkap.core.psychometrics import Answer, NotAnswered
from openkap.knowledge.schema.instrument import Instrument, Item, Respondent

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class Asked:
    """A questionnaire that the patient is asked for."""

    instrument: Instrument
    due_at: datetime
    expires_at: datetime  # it may be late until then
    begun: bool


_UNDER_WAY = Prepared(
    lambda: Filling.objects.filter(
        patient=Given("patient"),
        instrument_id=Given("instrument"),
        instrument_version=Given("version"),
        handed_in_at__isnull=True,
    ).order_by("id")
)


def open_filling(patient: "Patient", instrument: Instrument) -> Filling | None:
    """The patient's form of this instrument that is under way, if there is one."""
    found = _UNDER_WAY.first(patient=patient.pk, instrument=instrument.id, version=instrument.version)
    if found is not None:
        found.patient = patient  # is at hand, with its site
    return found


def last_handed_in(patient: "Patient", instrument: Instrument) -> Filling | None:
    """The patient's form of this instrument that was handed in last, if there is one."""
    found = Filling.objects.filter(patient=patient, instrument_id=instrument.id, handed_in_at__isnull=False)
    return found.order_by("-handed_in_at").first()


def instrument_of_filling(filling: Filling) -> Instrument:
    """The instrument that is being filled in, in its version and words. Raises `NotFound`."""
    packaged = packaged_instrument(filling.instrument_id, filling.instrument_version)
    if packaged.items:
        return packaged
    licensed = instrument_with_words(filling.site_id, filling.instrument_id, filling.wording_digest)
    return licensed or packaged


def answers_so_far(filling: Filling) -> dict[str, Answer]:
    """What was answered until now."""
    return {
        item: given if isinstance(given, int) else NotAnswered(given) for item, given in filling.answers.items()
    }


def said_in_filling(filling: Filling, item: Item) -> Said:
    """What follows from the answer to this item alone: the others may still come."""
    return Said(
        filling.public_id,
        filling.patient,
        filling.instrument_id,
        filling.answers,
        filling.touched_at,
        only=item.id,
    )


def next_unanswered(instrument: Instrument, given: Mapping[str, Answer]) -> Item | None:
    """The first question that is asked and has neither an answer nor a word on why not."""
    asked = psychometrics.asked_items(instrument, given)
    return next(
        (item for item in instrument.items if asked[item.id] is not False and item.id not in given), None
    )


def asked_of(patient: "Patient", now: datetime) -> list[Asked]:
    """The questionnaires the patient is asked for, those that are due first first, each once."""
    known = knowledge_for(patient.site, now).instruments
    waiting = Ask.objects.filter(
        patient=patient, state=AskState.ASKED, by_clinician=False, expires_at__gt=now
    ).order_by("due_at", "id")
    rows = [row for row in waiting if row.instrument_id in known and known[row.instrument_id].items]
    begun = _begun(patient) if rows else frozenset()
    return [
        Asked(instrument, row.due_at, row.expires_at, (instrument.id, instrument.version) in begun)
        for row in rows
        if (instrument := known[row.instrument_id]).respondent is Respondent.PATIENT
    ]


def _begun(patient: "Patient") -> frozenset[tuple[str, int]]:
    """Instruments, by id and version, of which a form is under way."""
    under_way = Filling.objects.filter(patient=patient, handed_in_at__isnull=True)
    return frozenset(under_way.values_list("instrument_id", "instrument_version"))


def says_danger(filling: Filling) -> bool:
    """Whether an answer about suicide or self-harm is more than 'not at all'; unsaid is not that."""
    instrument = instrument_of_filling(filling)
    return any(flag.raised for flag in psychometrics.safety_flags(instrument, answers_so_far(filling)))
