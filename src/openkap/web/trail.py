"""Rows of the audit trail as people read them: when, who, what, about whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import ROLE_NAMES, Permission, Role
from openkap.apps.audit.actions import in_words
from openkap.apps.audit.models import Row
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import patients_for


@dataclass(frozen=True)
class Line:
    """One row in words. `patient` only where the viewer may know of them."""

    occurred_at: datetime
    who: str
    what: str | Promise
    more: str
    patient: Patient | None


@dataclass(frozen=True)
class Stretch:
    """The same thing done by the same person again and again, with nothing between, on one local day."""

    latest: Line
    began_at: datetime
    count: int


def stretches_of(lines: Iterable[Line]) -> list[Stretch]:
    """Lines, newest first, told once where they only repeat: a session is recorded every few minutes."""
    told: list[Stretch] = []
    for line in lines:
        before = told[-1] if told else None
        if before is not None and _is_same(before.latest, line):
            told[-1] = Stretch(before.latest, line.occurred_at, before.count + 1)
        else:
            told.append(Stretch(line, line.occurred_at, 1))
    return told


def _is_same(one: Line, other: Line) -> bool:
    days = {timezone.localdate(line.occurred_at) for line in (one, other)}
    return len(days) == 1 and (one.who, str(one.what), one.more) == (other.who, str(other.what), other.more)


def lines_of(rows: Iterable[Row], viewer: User) -> list[Line]:
    """The rows in words, with two queries however many there are."""
    found = list(rows)
    named = {row.actor_id for row in found if row.actor_id} | {
        row.subject_id for row in found if row.subject_kind == "user" and row.subject_id
    }
    users = access.users_named(named)
    about = {row.patient_id for row in found if row.patient_id}
    patients = {
        patient.public_id: patient
        for patient in patients_for(viewer, Permission.ACCESS_LOG_READ).filter(public_id__in=about)
    }
    return [
        Line(
            row.occurred_at,
            _who(row, users),
            in_words(row.action),
            _more(row, users),
            patients.get(row.patient_id) if row.patient_id else None,
        )
        for row in found
    ]


def _who(row: Row, users: dict[UUID, User]) -> str:
    if row.actor_kind == Row.ActorKind.SYSTEM:
        return _("OpenKAP itself")
    user = users.get(row.actor_id) if row.actor_id else None
    return str(user) if user else _("someone no longer known")


def _more(row: Row, users: dict[UUID, User]) -> str:
    """Whom a change of accounts was about, and the role."""
    parts = []
    if row.subject_kind == "user" and row.subject_id and row.subject_id != row.actor_id:
        parts.append(str(users.get(row.subject_id, "")))
    role = row.details.get("role")
    if role in {known.value for known in Role}:
        parts.append(str(ROLE_NAMES[Role(role)]))
    return ", ".join(part for part in parts if part)
