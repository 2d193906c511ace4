"""What waits for the patient: the questionnaires they are asked for, and when the next ones come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.measures.cadence import standing_of
from openkap.apps.measures.fillings import Asked, asked_of
from openkap.apps.measures.words import ASKS
from openkap.apps.portal.items import PortalItem
from openkap.knowledge.schema.instrument import Respondent

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

AN_INSTANT = timedelta(microseconds=1)  # what is open until midnight is open on the day before


@dataclass(frozen=True)
class NextRound:
    """The next questionnaires to come: from which local day, how many, and the minutes they take together."""

    on: date
    count: int
    minutes: int


def portal_items(patient: "Patient", now: datetime) -> list[PortalItem]:
    """One entry for each questionnaire, with how long it takes and by when."""
    zone = ZoneInfo(patient.site.time_zone)
    return [
        PortalItem(
            title=str(ASKS[asked.instrument.domain]),
            why=_("It shows you and your care team how you are doing, and what should change."),
            url=reverse("measures:own-start", args=[asked.instrument.id]),
            minutes=ceil(asked.instrument.minutes),
            takes=asked.instrument.minutes,
            due=_last_day(asked, now, zone),
            icon="list-check",
            section="questions",
            action=_("Go on") if asked.begun else "",
        )
        for asked in asked_of(patient, now)
    ]


def next_round(patient: "Patient", now: datetime) -> NextRound | None:
    """What the patient is asked next, as things stand; None where nothing is planned."""
    standing = standing_of(patient, now)
    zone = ZoneInfo(patient.site.time_zone)
    known = standing.known.instruments
    ahead = [
        (ask.opens.astimezone(zone).date(), known[ask.instrument_id])
        for ask in standing.wanted
        if ask.opens > now and ask.by is Respondent.PATIENT and not standing.settled(ask)
    ]
    ahead = [(day, instrument) for day, instrument in ahead if instrument.items]
    if not ahead:
        return None
    first = min(day for day, _instrument in ahead)
    found = [instrument for day, instrument in ahead if day == first]
    return NextRound(first, len(found), ceil(sum(instrument.minutes for instrument in found)))


def _last_day(asked: Asked, now: datetime, zone: ZoneInfo) -> date:
    """The local day by which it is due; once that is over, the one until which it is asked late."""
    until = asked.due_at if asked.due_at > now else asked.expires_at
    return (until - AN_INSTANT).astimezone(zone).date()
