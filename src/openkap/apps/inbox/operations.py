"""The only writes of what was looked at."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.inbox.items import InboxItem
from openkap.apps.inbox.models import Seen
from openkap.apps.inbox.permissions import check_may_mark
from openkap.errors import BadInput

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@transaction.atomic
def mark_seen(*, by: User, now: datetime, patient: "Patient", items: Sequence[InboxItem]) -> int:
    """Say that `by` has looked at these items of the patient; returns how many nobody had looked at before.

    What somebody else marked a moment ago keeps their name. Raises `Refused`, `NotAllowedNow`, `BadInput`.
    """
    for item in items:
        if item.patient_id != patient.pk:
            raise BadInput("An item of another patient cannot be marked here.", field="item")
        check_may_mark(by, patient, item)
    rows = [
        Seen(
            site_id=patient.site_id,
            patient=patient,
            kind=item.kind.value,
            about_id=item.about,
            seen_at=now,
            seen_by=by,
        )
        for item in items
    ]
    before = Seen.objects.filter(about_id__in=[item.about for item in items]).count()
    Seen.objects.bulk_create(rows, ignore_conflicts=True)
    fresh = Seen.objects.filter(about_id__in=[item.about for item in items]).count() - before
    if fresh:
        subject = Subject("patient", patient.public_id, patient.public_id, patient.site_id)
        named = sorted(item.name for item in items)
        audit.record(by=by, now=now, action="inbox.mark-seen", subject=subject, details={"items": named})
    return fresh
