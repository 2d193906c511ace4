"""Courses of treatment."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.people.stages import Indication
from openkap.apps.sites.rows import ClinicalRow


class Drug(models.TextChoices):
    KETAMINE = "ketamine", _("Ketamine")
    ESKETAMINE = "esketamine", _("Esketamine")


class Route(models.TextChoices):
    IV = "iv", _("intravenous")
    IM = "im", _("intramuscular")
    SC = "sc", _("subcutaneous")
    SL = "sl", _("under the tongue")
    BUCCAL = "buccal", _("in the cheek")
    PO = "po", _("by mouth")
    IN = "in", _("nasal spray")


class Episode(ClinicalRow):
    """One course of treatment for one indication (FHIR EpisodeOfCare). Changes are kept in `EpisodeChange`."""

    indication = models.CharField(max_length=24, choices=Indication.choices)
    specific_fears = models.TextField(blank=True)  # what is feared, in the patient's words
    drug = models.CharField(max_length=12, choices=Drug.choices)
    route = models.CharField(max_length=8, choices=Route.choices)
    prescriber = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    began_on = models.DateField()  # local to the site
    ended_on = models.DateField(null=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(ended_on__isnull=True),
                name="assessment_one_current_episode",
            ),
        ]


class EpisodeChange(models.Model):
    """What was changed on an episode, by whom; kept, never changed."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="changes")
    before = models.JSONField()
    after = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
