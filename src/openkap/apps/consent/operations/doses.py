"""What sessions tell: that a dose ran. Signing waits for some hours after it."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from openkap.apps.consent.models import DoseNoted

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@transaction.atomic
def note_dose(*, patient: "Patient", session_id: UUID, at: datetime) -> None:
    """Keep that a dose of the session began or ended at `at`.

    Called by the operation that records it, which has checked who may and writes the audit row.
    """
    DoseNoted.objects.get_or_create(session_id=session_id, at=at, defaults={"patient": patient})
