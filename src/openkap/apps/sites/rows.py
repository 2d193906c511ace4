"""What every clinical row carries. Apps build their models on it; it has no table of its own."""

from uuid import UUID

from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: unique, ordered by time, safe in addresses and FHIR."""
    return uuid7()


class ClinicalRow(models.Model):
    """A fact about a patient: never updated; a correction is a new row that names the one it `supersedes`."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
