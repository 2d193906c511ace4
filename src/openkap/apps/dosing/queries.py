"""Sessions and their events, as far as the viewer may see them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.dosing.models import Event, Session
from openkap.apps.dosing.ordering import monitoring_of, order_of
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import patients_for
from openkap.core.monitoring import events as core
from openkap.core.monitoring.state import Delivery, SessionState, state
from openkap.errors import NotFound


@dataclass(frozen=True)
class DoseGiven:
    """One dose really given. `given_mg` to the second; `over_at` is None while it runs."""

    session_id: UUID
    number: int
    at: datetime
    over_at: datetime | None
    drug: str
    route: str
    ordered_mg: Decimal
    given_mg: Decimal
    stopped: bool
    signed: bool


def sessions_for(viewer: User, permission: Permission = Permission.DOSING_READ) -> QuerySet[Session]:
    """Sessions of patients on whom `viewer` holds `permission`, latest first."""
    return (
        Session.objects.filter(patient__in=patients_for(viewer, permission))
        .select_related("patient", "site", "visit", "opened_by", "signed_by")
        .order_by("-opened_at", "-id")
    )


def session_for(viewer: User, session_id: UUID, permission: Permission = Permission.DOSING_READ) -> Session:
    """The session, if `viewer` holds `permission` on its patient. Raises `NotFound`, hinting at nobody."""
    session = sessions_for(viewer, permission).filter(public_id=session_id).first()
    if session is None:
        raise NotFound(_("There is no such session, or you are not on the patient's care team."))
    return session


def sessions_of(viewer: User, patient: Patient) -> QuerySet[Session]:
    """The patient's sessions, latest first."""
    return sessions_for(viewer).filter(patient=patient)


def session_of_visit(visit_id: int) -> Session | None:
    """The session that was opened for a visit, if any."""
    return Session.objects.filter(visit_id=visit_id).select_related("patient", "site").first()


def open_sessions(site_id: int, viewer: User | None = None) -> QuerySet[Session]:
    """Sessions that run now at the site, by chair; for a viewer, those of patients they may see."""
    sessions = sessions_for(viewer) if viewer else Session.objects.select_related("patient", "site")
    return sessions.filter(site=site_id, ended_at__isnull=True).order_by("chair", "id")


def all_open_sessions() -> QuerySet[Session]:
    """Sessions that run now anywhere; for the sweep."""
    return Session.objects.filter(ended_at__isnull=True).select_related("patient", "site").order_by("id")


def events_after(session: Session, seq: int) -> QuerySet[Event]:
    """The events stored after `seq`, in order of storage, with their authors."""
    return Event.objects.filter(session=session, seq__gt=seq).select_related("author").order_by("seq")


def events_of(session: Session) -> tuple[core.Event, ...]:
    """The whole stream as the core takes it."""
    return as_core(Event.objects.filter(session=session).select_related("author").order_by("seq"))


def as_core(rows: Iterable[Event]) -> tuple[core.Event, ...]:
    """Stored events as the core takes them."""
    return tuple(
        core.Event(
            id=row.client_id,
            seq=row.seq,
            occurred_at=row.occurred_at,
            author=str(row.author),
            kind=core.Kind(row.kind),
            payload=row.payload,
            schema_version=row.schema_version,
            refused=row.reason,
            admitted=row.status == Event.Status.APPLIED,
        )
        for row in rows
    )


def state_of(session: Session, now: datetime, *, to_show: bool = False) -> SessionState:
    """The session's state at `now`; `to_show` as for `order_of`."""
    order = order_of(session, now, to_show=to_show)
    return state(events_of(session), order, monitoring_of(session, now), now)


@once_a_page
def doses_of(patient: Patient, now: datetime | None = None) -> list[DoseGiven]:
    """Doses really given to the patient, first to last. The caller has checked who asks."""
    sessions = (
        Session.objects.filter(patient=patient).select_related("patient", "site").order_by("opened_at", "id")
    )
    at = now or timezone.now()
    streams = _streams(patient)
    given = [
        (one, state(as_core(streams[one.pk]), order_of(one, at), monitoring_of(one, at), at))
        for one in sessions
    ]
    return [_given(session, now_, number) for number, (session, now_) in enumerate(_dosed(given), start=1)]


def _streams(patient: Patient) -> dict[int, list[Event]]:
    """The events of all the patient's sessions in one question to the database, by session."""
    found: dict[int, list[Event]] = defaultdict(list)
    rows = Event.objects.filter(session__patient=patient).select_related("author").order_by("session_id", "seq")
    for row in rows:
        found[row.session_id].append(row)
    return found


def _dosed(given: list[tuple[Session, SessionState]]) -> list[tuple[Session, SessionState]]:
    return [pair for pair in given if pair[1].dose is not None]


def _given(session: Session, now: SessionState, number: int) -> DoseGiven:
    assert now.dose is not None  # noqa: S101  filtered above
    return DoseGiven(
        session_id=session.public_id,
        number=number,
        at=now.dose.started_at,
        over_at=now.dose.over_at,
        drug=session.drug,
        route=session.route,
        ordered_mg=now.dose.ordered_mg,
        given_mg=now.given_mg,
        stopped=now.delivery is Delivery.STOPPED,
        signed=session.signed_at is not None,
    )
