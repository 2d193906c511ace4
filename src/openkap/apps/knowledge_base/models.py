"""What the medical director decided on a knowledge record."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from openkap.apps.sites.rows import new_id


class SignOff(models.Model):
    """A decision on one version of a record, at one site or at all. Never changed; a later one replaces it."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", null=True, on_delete=models.PROTECT, related_name="+")  # none: all
    record_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    adopted = models.BooleanField()
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["record_id", "-decided_at"], name="knowledge_sign_off_record")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(adopted=True) | ~models.Q(reason=""), name="knowledge_rejected_with_reason"
            ),
        ]
