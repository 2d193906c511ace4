"""Reminding patients of what is asked: one message for all of it, at most three times for each ask.

Never in quiet hours, never after the answer, and only by a way the patient has agreed to.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from openkap.apps.audit import operations as audit
from openkap.apps.measures.models import Ask, AskState
from openkap.apps.messages.operations import write_to_patient
from openkap.apps.messages.queries import quiet_at
from openkap.apps.people import operations as people
from openkap.errors import NotAllowedNow
from openkap.knowledge.schema.cadence import MOST_REMINDERS

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

WORDING = "questions"


def remind_due(now: datetime) -> int:
    """Write to every patient whose reminder is due, out of quiet hours. Returns to how many."""
    due = Ask.objects.filter(
        state=AskState.ASKED, next_reminder_at__lte=now, expires_at__gt=now, patient__user__isnull=False
    )
    by_patient: dict[int, list[Ask]] = {}
    for row in due.select_related("patient__site", "patient__user").order_by("patient_id", "id"):
        by_patient.setdefault(row.patient_id, []).append(row)
    quiet = {site.pk: quiet_at(site).holds(now) for site in _sites(by_patient.values())}
    return sum(
        _remind(rows[0].patient, now) for rows in by_patient.values() if not quiet[rows[0].patient.site_id]
    )


def _sites(groups: Iterable[list[Ask]]) -> list["Site"]:
    return list({rows[0].patient.site_id: rows[0].patient.site for rows in groups}.values())


@transaction.atomic
def _remind(patient: "Patient", now: datetime) -> int:
    """One message for all asks of which a reminder is due; those that are still open under the lock."""
    people.lock(patient)
    rows = list(Ask.objects.filter(patient=patient, state=AskState.ASKED, next_reminder_at__lte=now))
    rows = [row for row in rows if row.expires_at > now]
    if not rows:
        return 0
    went_out = _write(patient, rows, now)
    for row in rows:
        _advance(row, now, went_out=went_out)
    Ask.objects.bulk_update(rows, ["reminders", "next_reminder_at", "reminded"])
    return int(went_out)


def _write(patient: "Patient", rows: list[Ask], now: datetime) -> bool:
    """Whether there is a message: to some patients there is no way that they agreed to."""
    system = audit.SystemActor()
    try:
        write_to_patient(
            by=system,
            now=now,
            patient=patient,
            wording=WORDING,
            key=f"questions:{patient.public_id}:{now:%Y%m%dT%H%M}",
            not_after=max(row.expires_at for row in rows),
        )
    except NotAllowedNow:
        return False
    details = {"instruments": [row.instrument_id for row in rows]}
    audit.record(
        by=system, now=now, action="measures.remind", subject=people.subject_of(patient), details=details
    )
    return True


def _advance(row: Ask, now: datetime, *, went_out: bool) -> None:
    """Reminders whose time has passed are over, were they several: who was asleep is written to once."""
    row.reminders = [at for at in row.reminders if datetime.fromisoformat(at) > now]
    row.reminded = min(row.reminded + went_out, MOST_REMINDERS)
    row.next_reminder_at = datetime.fromisoformat(row.reminders[0]) if row.reminders else None
