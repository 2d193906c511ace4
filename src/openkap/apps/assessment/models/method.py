"""The short interview on how somebody suffers, and the therapy method that was chosen on it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.models.episodes import Episode
from openkap.apps.sites.rows import ClinicalRow


class MethodInterview(ClinicalRow):
    """Markers rated 0 to 10 with the patient; one that is not there was not asked. Later rows supersede."""

    asked_on = models.DateField()  # local to the site
    ratings = models.JSONField()  # 0 to 10 by marker
    table_version = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-id"], name="assessment_method_interview_of")]


class MethodChoice(ClinicalRow):
    """Which method a therapist or prescriber chose, signed, with everything it rested on. The latest counts."""

    class Agreement(models.TextChoices):
        FIRST = "first", _("the one the table puts first")
        OTHER = "other", _("another than the table puts first")
        UNKNOWN = "unknown", _("the table could not tell")

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="method_choices")
    method_id = models.CharField(max_length=80)
    agreement = models.CharField(max_length=8, choices=Agreement.choices)
    reason = models.TextField()
    on = models.DateField()  # local to the site
    scores = models.JSONField()  # [{method, score, unknown}] as shown
    ratings = models.JSONField()  # [{marker, value, origin}]
    cautions = models.JSONField()  # what was shown beside the method, in English
    table_version = models.PositiveIntegerField()
