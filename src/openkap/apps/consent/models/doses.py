"""When doses were given, as far as signing needs to know."""

from typing import ClassVar

from django.db import models


class DoseNoted(models.Model):
    """That a dose ran at a moment: told by the operations of dosing sessions, which lie above (docs/adr)."""

    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    session_id = models.UUIDField()  # public id
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session_id", "at"], name="consent_dose_noted_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "-at"], name="consent_dose_of_patient")]
