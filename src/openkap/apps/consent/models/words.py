"""What only a site can say in a consent text."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class SiteWords(models.Model):
    """A site's own words at one time; a change is a new row. `asks_again`: who signed before must sign anew."""

    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    words = models.JSONField()  # {blank: {language: words}}
    asks_again = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "version"], name="consent_site_words_once"),
        ]
