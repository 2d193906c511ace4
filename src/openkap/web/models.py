"""What the pages themselves keep: unfinished forms."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """What a person typed into a form and has not sent. No part of any record; only its author sees it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)  # names form and subject, such as 'integration-<visit id>'
    fields = models.JSONField()  # name -> list of values, as typed
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="web_draft_once")]
