"""Who looked at what came in, and when."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Beginning(models.Model):
    """Since when it is noted who looked, where patients were here before: at most one row, by migration."""

    at = models.DateTimeField()


class Seen(models.Model):
    """That a person has looked at something that came in. Never changed: looking cannot be undone."""

    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)  # InboxKind
    about_id = models.UUIDField()
    seen_at = models.DateTimeField()
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["about_id", "kind"], name="inbox_seen_once"),
        ]
