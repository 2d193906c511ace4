"""The only writes of sessions: opening one, and adding events to its stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from openkap.adapters.queue import defer
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.consent import operations as consent
from openkap.apps.consent.queries import standing_of
from openkap.apps.consent.states import check_state_to_dose
from openkap.apps.dosing import queries
from openkap.apps.dosing.alerts import alert_of_limits, settle_signing, wait_for_signature
from openkap.apps.dosing.entries import Entry
from openkap.apps.dosing.errors import CannotOpen, EntryConflict, NotApplied
from openkap.apps.dosing.live import CHANNEL
from openkap.apps.dosing.models import Event, Session
from openkap.apps.dosing.ordering import amounts_of, monitoring_of, order_of
from openkap.apps.dosing.permissions import check_may_decide, check_may_open, check_may_record
from openkap.apps.dosing.wording import held_by_risk, reason_words
from openkap.apps.planning import operations as planning
from openkap.apps.planning.queries import protocol_of
from openkap.apps.safety.queries import holds_dosing
from openkap.apps.sites.rows import new_id
from openkap.core.monitoring import events as core
from openkap.core.monitoring.events import Kind
from openkap.core.monitoring.state import SessionState, state
from openkap.errors import BadInput, NotAllowedNow, Refused
from openkap.knowledge.schema.protocol import VisitKind

if TYPE_CHECKING:
    from openkap.apps.planning.models import Visit


CLOCK_AHEAD = timedelta(seconds=60)  # a page's clock further ahead is wrong
FROM_PAPER = timedelta(hours=24)  # entries written down before the session was opened here


@dataclass(frozen=True)
class Outcome:
    """What became of one entry."""

    client_id: UUID
    seq: int
    status: str
    reason: str = ""
    about: tuple[str, ...] = ()
    known: bool = False  # it had been stored before

    @property
    def applied(self) -> bool:
        return self.status == Event.Status.APPLIED

    def words(self) -> str:
        """Why it was not applied, for people; '' when it was."""
        return reason_words(self.reason, self.about)


@transaction.atomic
def open_session(*, by: User, now: datetime, visit: "Visit", chair: str) -> Session:
    """Open the session of a dosing visit, with the order its plan's protocol gives. Once per visit.

    Raises `Refused`; `BadInput` without a chair; `CannotOpen` when the visit is not for a dose, has a session
    already, its chair is taken, no valid consent for its drug and route stands, or suicide risk holds dosing.
    """
    check_may_open(by, visit.patient)
    if visit.kind != VisitKind.DOSING:
        raise CannotOpen(_("Only a dosing visit has a session."))
    if not chair.strip():
        raise BadInput(_("Say which chair."), field="chair")
    if queries.session_of_visit(visit.pk) is not None:
        raise CannotOpen(_("A session was opened for this visit already."))
    if queries.open_sessions(visit.patient.site_id).filter(chair=chair.strip()).exists():
        raise CannotOpen(_("This chair is taken by a session that has not ended."), field="chair")
    _check_consent(visit, now)
    _check_risk(visit)
    session = _create(by, now, visit, chair.strip())
    _audit(by, now, "dosing.open", session, {"protocol": session.protocol_id})
    return session


def _check_consent(visit: "Visit", now: datetime) -> None:
    """No valid consent for the protocol's drug and route, no session: there is no override."""
    protocol = protocol_of(visit)
    standing = standing_of(visit.patient, protocol.drug.value, protocol.route.value, now)
    try:
        check_state_to_dose(standing)
    except NotAllowedNow as error:
        raise CannotOpen(str(error)) from error


def _check_risk(visit: "Visit") -> None:
    """At high suicide risk a session is opened only where a psychiatrist decided so; there is no override."""
    hold = holds_dosing(visit.patient)
    if hold is not None:
        raise CannotOpen(held_by_risk(hold))


def _create(by: User, now: datetime, visit: "Visit", chair: str) -> Session:
    protocol = protocol_of(visit)
    amounts = amounts_of(protocol.dose)
    try:
        with transaction.atomic():
            return Session.objects.create(
                site_id=visit.patient.site_id,
                patient=visit.patient,
                visit=visit,
                chair=chair,
                drug=protocol.drug.value,
                route=protocol.route.value,
                mg_per_kg=amounts.mg_per_kg,
                fixed_mg=amounts.fixed_mg,
                duration_seconds=amounts.duration_seconds,
                dose_number=visit.dose_number,
                dose_count=protocol.dose_count,
                protocol_id=protocol.id,
                protocol_version=protocol.version,
                opened_at=now,
                opened_by=by,
            )
    except IntegrityError as error:  # two people at the same moment
        raise CannotOpen(_("Somebody else opened this session or took this chair just now.")) from error


@transaction.atomic
def record_events(*, by: User, now: datetime, session_id: UUID, entries: Sequence[Entry]) -> list[Outcome]:
    """Add entries to the session's stream, in the order given. Sending an entry again changes nothing.

    Each is stored with the next `seq` under the session's row lock: applied, or rejected with its reason. All
    are stored or none. Raises `NotFound`, `Refused`, `EntryConflict`.
    """
    found = queries.session_for(by, session_id)
    check_may_record(by, found)
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("patient", "site", "visit")
        .get(pk=found.pk)
    )
    stream = _Stream(session, by, now)
    outcomes = [stream.add(entry) for entry in entries]
    stream.close()
    return outcomes


def record_event(
    *, by: User, now: datetime, session_id: UUID, kind: Kind, payload: Mapping[str, Any] | None = None
) -> Outcome:
    """Add one event that happens now. Raises `NotApplied` with the reason when it was rejected."""
    entry = Entry(new_id(), kind, now, payload or {})
    outcome = record_events(by=by, now=now, session_id=session_id, entries=[entry])[0]
    if not outcome.applied:
        raise NotApplied(outcome.words())
    return outcome


def end(*, by: User, now: datetime, session_id: UUID) -> Outcome:
    """End the session after discharge was decided. Raises `NotApplied`."""
    return record_event(by=by, now=now, session_id=session_id, kind=Kind.ENDED)


def sign(*, by: User, now: datetime, session_id: UUID) -> Outcome:
    """Sign the ended session: from then on only addenda. Raises `NotApplied`."""
    return record_event(by=by, now=now, session_id=session_id, kind=Kind.SIGNED)


class _Stream:
    """One batch on a locked session: each entry is judged in the state the ones before it left."""

    def __init__(self, session: Session, by: User, now: datetime) -> None:
        self.session, self.by, self.now = session, by, now
        self.order, self.monitoring = order_of(session, now), monitoring_of(session, now)
        self.events = queries.events_of(session)
        self.state: SessionState | None = None
        self.added: list[Event] = []

    def add(self, entry: Entry) -> Outcome:
        known = Event.objects.filter(client_id=entry.client_id).first()
        if known is not None:
            return self._known(known, entry)
        event = core.Event(
            entry.client_id, self.session.last_seq + 1, entry.occurred_at, str(self.by), entry.kind,
            dict(entry.payload), entry.schema_version,
        )  # fmt: skip
        reason, about = self._judge(event, entry)
        return self._store(event, reason, about)

    def _known(self, known: Event, entry: Entry) -> Outcome:
        here = (self.session.pk, self.by.pk, entry.kind.value)
        same = (known.session_id, known.author_id, known.kind) == here
        if not same or known.payload != dict(entry.payload):
            raise EntryConflict(_("The id of this entry was used for another one. Enter it anew."))
        return Outcome(known.client_id, known.seq, known.status, known.reason, tuple(known.about), known=True)

    def _judge(self, event: core.Event, entry: Entry) -> tuple[str, tuple[str, ...]]:
        if entry.occurred_at > self.now + CLOCK_AHEAD:
            return "clock-ahead", ()
        if entry.occurred_at < self.session.opened_at - FROM_PAPER:
            return "too-long-ago", ()
        try:
            check_may_decide(self.by, self.session, entry.kind, entry.payload)
        except Refused:
            return "needs-prescriber", ()
        after = state((*self.events, event), self.order, self.monitoring, self.now)
        wrong = next((r for r in after.rejected if r.event == event.id), None)
        if wrong is not None:
            return wrong.code, wrong.about
        self.state = after
        return "", ()

    def _store(self, event: core.Event, reason: str, about: tuple[str, ...]) -> Outcome:
        status = Event.Status.REJECTED if reason else Event.Status.APPLIED
        row = Event.objects.create(
            session=self.session,
            seq=event.seq,
            client_id=event.id,
            occurred_at=event.occurred_at,
            received_at=self.now,
            author=self.by,
            kind=event.kind.value,
            payload=event.payload,
            schema_version=event.schema_version,
            status=status,
            reason=reason,
            about=list(about),
        )
        self.session.last_seq = event.seq
        self.events = (*self.events, replace(event, refused=reason, admitted=not reason))
        self.added.append(row)
        details = {"seq": event.seq, "event": event.kind.value, "status": status.value, "reason": reason}
        _audit(self.by, self.now, "dosing.record", self.session, details)
        if not reason:
            self._follow(event)
        return Outcome(event.id, event.seq, status.value, reason, about)

    def _follow(self, event: core.Event) -> None:
        """What an applied event brings with it outside the stream."""
        if event.kind is Kind.DOSE_STARTED:
            self.session.judged_by = {record.id: record.version for record in self.monitoring.records}
            self._note_dose(event.occurred_at)
        elif event.kind in {Kind.DOSE_STOPPED, Kind.DOSE_ENDED}:
            self._note_dose(event.occurred_at)
        elif event.kind is Kind.ENDED:
            self.session.ended_at = event.occurred_at
            wait_for_signature(self.session, by=self.by, now=self.now)
            planning.complete_visit(by=self.by, now=self.now, visit=self.session.visit)
        elif event.kind is Kind.SIGNED:
            self.session.signed_at, self.session.signed_by = event.occurred_at, self.by
            settle_signing(self.session, by=self.by, now=self.now)

    def _note_dose(self, at: datetime) -> None:
        """Nothing is signed for some hours after it."""
        consent.note_dose(patient=self.session.patient, session_id=self.session.public_id, at=at)

    def close(self) -> None:
        """Write the counter, raise what the new state asks for, and wake the streams: all with the events."""
        if not self.added:
            return
        self.session.save(update_fields=["last_seq", "judged_by", "ended_at", "signed_at", "signed_by"])
        if self.state is not None:
            alert_of_limits(self.session, self.state, by=self.by, now=self.now)
            if self.state.changes_at is not None:  # when time alone will make something due or overdue
                defer("dosing.due", at=self.state.changes_at, session=self.session.public_id)
        word = f"{self.session.public_id} {self.session.last_seq} {self.session.site_id}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, word])


def _audit(by: User, now: datetime, action: str, session: Session, details: Mapping[str, object]) -> None:
    subject = Subject("session", session.public_id, session.patient.public_id, session.site_id)
    audit.record(by=by, now=now, action=action, subject=subject, details=details)
