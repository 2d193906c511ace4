"""What a patient takes that may change the exposure, as the chart says, and what was given today."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from openkap.apps.access.models import User
from openkap.apps.chart import queries as chart
from openkap.apps.dosing import queries
from openkap.apps.dosing.giving import doses_given, further_of
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.ordering import order_of
from openkap.apps.people.models import Patient
from openkap.core.pharmacology import GivenDose

__all__ = ["Today", "today_of"]


@dataclass(frozen=True)
class Today:
    """What today holds for a patient: the weight measured today, and the dose of today's session.

    `doses` run from the start of the dose, minutes; the running one as it will end. Where further ketamine was
    entered that cannot be read as a dose, `unread` has its words, and there are no doses to go on from.
    """

    weight_kg: Decimal | None
    session: Session | None
    started_at: datetime | None
    doses: tuple[GivenDose, ...]
    unread: str = ""


def today_of(viewer: User, patient: Patient, now: datetime) -> Today:
    """Today at the patient's site. The caller has checked who asks."""
    zone = ZoneInfo(patient.site.time_zone)
    on = now.astimezone(zone).date()
    session = queries.sessions_of(viewer, patient).first()
    if session is None or session.opened_at.astimezone(zone).date() != on:
        return Today(_weighed(patient, on), None, None, ())
    state = queries.state_of(session, now)
    weight = state.weight_kg or _weighed(patient, on)
    if state.dose is None:
        return Today(weight, session, None, ())
    unread = next((one.words for one in further_of(state) if one.dose is None), "")
    doses = () if unread else doses_given(state, order_of(session), session.dose_number)
    return Today(weight, session, state.dose.started_at, doses, unread)


def _weighed(patient: Patient, on: date) -> Decimal | None:
    """Today's measured weight in the chart; an older or imported one never counts."""
    weight = chart.weight_today(patient, on)
    return None if weight is None else weight.to("kg").magnitude
