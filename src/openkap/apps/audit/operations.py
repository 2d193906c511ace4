"""Writing the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection

from openkap.apps.audit.models import Row
from openkap.apps.audit.sealing import seal_rows

__all__ = ["Actor", "Subject", "SystemActor", "record", "seal_rows"]


class Actor(Protocol):
    """Whoever acts: a user, or the system through `SystemActor`."""

    @property
    def audit_kind(self) -> str: ...

    @property
    def audit_id(self) -> UUID | None: ...


@dataclass(frozen=True)
class SystemActor:
    """Work no person started: schedules, sweeps, set-up."""

    audit_kind: str = "system"
    audit_id: UUID | None = None


@dataclass(frozen=True)
class Subject:
    """What the act was about: `kind` is the word of GLOSSARY.md in lower case, `id` its public UUID."""

    kind: str
    id: UUID
    patient_id: UUID | None = None
    site_id: int | None = None


def record(
    *,
    by: Actor,
    now: datetime,
    action: str,
    subject: Subject | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Add one row to the trail, in the caller's transaction.

    `action` is '<app>.<verb>', such as 'chart.import'. `details` holds ids, codes and counts; never names or
    clinical text. Raises `RuntimeError` outside a transaction: a trail that can part from its act is none.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit row is written in the transaction of its act")
    Row.objects.create(
        occurred_at=now,
        actor_kind=by.audit_kind,
        actor_id=by.audit_id,
        action=action,
        subject_kind=subject.kind if subject else "",
        subject_id=subject.id if subject else None,
        patient_id=subject.patient_id if subject else None,
        site_id=subject.site_id if subject else None,
        details=dict(details or {}),
    )
