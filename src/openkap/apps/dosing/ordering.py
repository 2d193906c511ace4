"""From a planned dosing visit to the order of its session, and from a stored session to what the core takes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from openkap.apps.consent.queries import standing_of
from openkap.apps.dosing.clearing import uncleared, uncleared_to_show
from openkap.apps.dosing.models import Session
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.models import Patient
from openkap.apps.safety.queries import holds_dosing
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.rules import Monitoring, monitoring_for
from openkap.knowledge.knowledge_set import KnowledgeSet, State
from openkap.knowledge.schema.protocol import DosePlan
from openkap.units import Drug, Route

NOTHING = timedelta(0)


@dataclass(frozen=True)
class Amounts:
    """The dose of a protocol in the columns of a session: milligrams of free base, seconds."""

    mg_per_kg: Decimal | None
    fixed_mg: Decimal | None
    duration_seconds: int


def amounts_of(dose: DosePlan) -> Amounts:
    """The protocol's dose as stored with a session."""
    return Amounts(
        Decimal(str(dose.per_kg.to("mg/kg").magnitude)) if dose.per_kg else None,
        Decimal(str(dose.fixed.to("mg").magnitude)) if dose.fixed else None,
        int((dose.over or NOTHING).total_seconds()),
    )


def order_of(session: Session, now: datetime | None = None, *, to_show: bool = False) -> Order:
    """What was ordered, with the patient's age on the day of the session.

    With `now`, also whether a valid consent stands then, whether suicide risk holds dosing, and what medical
    clearance lacks; without, none of them is known, and no dose can start. `to_show`: for a screen that asks
    every second, clearance need not be judged anew while nothing it rests on has changed.
    """
    lacking = uncleared_to_show if to_show else uncleared
    return Order(
        drug=Drug(session.drug),
        route=Route(session.route),
        duration=timedelta(seconds=session.duration_seconds),
        mg_per_kg=session.mg_per_kg,
        fixed_mg=session.fixed_mg,
        consented=_consented(session, now) if now else None,
        risk_allows=_risk_allows(session) if now else None,
        uncleared=lacking(session, now) if now else None,
        age=age_on(session.patient, session.opened_at.astimezone(ZoneInfo(session.site.time_zone)).date()),
    )


def _consented(session: Session, now: datetime) -> bool | None:
    """Of a session that has ended nobody asks any more."""
    if session.ended_at is not None:
        return None
    return standing_of(session.patient, session.drug, session.route, now).is_valid


def _risk_allows(session: Session) -> bool | None:
    """Of a session that has ended nobody asks any more."""
    return None if session.ended_at is not None else holds_dosing(session.patient) is None


def age_on(patient: Patient, on: date) -> int:
    """Completed years."""
    born = patient.birth_date
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def knowledge_of(session: Session, now: datetime) -> KnowledgeSet:
    """The knowledge in force for the session at `now`, or when it was signed."""
    return knowledge_for(session.site, session.signed_at or now)


def protocol_dose_of(session: Session, now: datetime) -> DosePlan | None:
    """The dose as the protocol behind the session says it; None where that is not known here any more."""
    protocol = knowledge_of(session, now).protocols.get(session.protocol_id)
    return protocol.dose if protocol is not None and protocol.version == session.protocol_version else None


def monitoring_of(session: Session, now: datetime) -> Monitoring:
    """The monitoring knowledge in force for the session. A signed session keeps that of its signature."""
    knowledge = knowledge_of(session, now)
    return monitoring_for(
        knowledge.monitoring.values(),
        session.drug,
        session.route,
        lambda record_id: knowledge.state(record_id) is State.ACTIVE,
    )
