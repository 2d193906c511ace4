"""Alerts about what happens again and again: one, which grows until somebody answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from openkap.adapters.queue import defer
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor
from openkap.apps.tasks.ladder import walk_again
from openkap.apps.tasks.models import Alert, Occurrence
from openkap.apps.tasks.operations import About, raise_alert, subject_of

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class Happened:
    """One of several moments that an alert is about; `code` is unique in its alert's `key`."""

    code: str
    at: datetime


@transaction.atomic
def grow_alert(
    *,
    by: Actor,
    now: datetime,
    kind: str,
    key: str,
    patient: "Patient",
    severity: str,
    acknowledge_by: datetime,
    happened: Sequence[Happened],
    about: About | None = None,
) -> Alert | None:
    """One alert for what happens again and again: what was not in it yet is added to the one nobody answered.

    What comes after an answer starts another alert: the answer stands for what it was given to, with its name
    and its time. An alert that grows keeps its time to be answered, so that nothing waits longer than in an
    alert of its own; where a role had heard before, the ladder is walked again. None where nothing is new.
    """
    family = Alert.objects.filter(key__startswith=f"{key}#")
    # Locked before it is read: what others add or answer while this sweep waits must be known.
    alert = family.select_for_update().filter(acknowledged_at__isnull=True).order_by("id").last()
    known = set(Occurrence.objects.filter(alert__in=family).values_list("code", flat=True))
    new = [one for one in happened if one.code not in known]
    if not new:
        return None
    if alert is None:
        alert = raise_alert(
            by=by,
            now=now,
            kind=kind,
            key=f"{key}#{family.count() + 1}",
            patient=patient,
            severity=severity,
            acknowledge_by=acknowledge_by,
            about=about,
        )
    else:
        _walk_again(alert, now)
        details = {"kind": alert.kind, "added": len(new)}
        audit.record(by=by, now=now, action="tasks.add-to-alert", subject=subject_of(alert), details=details)
    rows = [Occurrence(alert=alert, code=one.code, at=one.at, noticed_at=now) for one in new]
    Occurrence.objects.bulk_create(rows, ignore_conflicts=True)  # two sweeps at one moment add it once
    return alert


def _walk_again(alert: Alert, now: datetime) -> None:
    if walk_again(alert, now):
        alert.save(update_fields=["round", "grown_at", "escalates_at"])
    if alert.escalates_at is not None:
        defer("tasks.due", at=alert.escalates_at, alert=alert.public_id)
