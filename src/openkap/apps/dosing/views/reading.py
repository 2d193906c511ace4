"""Who reads, and that it was read."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.dosing.models import Session
from openkap.apps.people.models import Patient


def viewer_of(request: HttpRequest) -> User:
    """The signed-in user; the policy has let nobody else through."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def note_read(viewer: User, now: datetime, patient: Patient, session: Session | None = None) -> None:
    """Write that the patient's sessions, or one of them, were looked at."""
    kind, subject = ("session", session.public_id) if session else ("patient", patient.public_id)
    with transaction.atomic():
        audit.record(
            by=viewer,
            now=now,
            action="dosing.read",
            subject=Subject(kind, subject, patient.public_id, patient.site_id),
        )
