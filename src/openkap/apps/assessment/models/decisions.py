"""Who set which finding aside, and what was decided."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.assessment.models.episodes import Drug, Episode, Route
from openkap.apps.people.stages import Indication
from openkap.apps.sites.rows import ClinicalRow


class Override(ClinicalRow):
    """Somebody set a finding aside: in which role, why, until when. Shown ever after."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="overrides")
    rule_id = models.CharField(max_length=80)
    rule_version = models.PositiveIntegerField()
    facts_digest = models.CharField(max_length=64)  # of what the finding rested on; new facts end the override
    role = models.CharField(max_length=24)
    reason = models.TextField()
    expires_on = models.DateField()
    ended_at = models.DateTimeField(null=True)  # taken back before it expired
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["episode", "rule_id"], name="assessment_override_of_rule")]

    @property
    def role_word(self) -> str:
        """The role in the reader's language."""
        return str(ROLE_NAMES[Role(self.role)])


class SignedAssessment(ClinicalRow):
    """What a prescriber decided, with everything it rested on, as it stood then."""

    class Decision(models.TextChoices):
        TREAT = "treat", _("Treatment may be planned")
        WAIT = "wait", _("Wait: something is needed first")
        DECLINE = "decline", _("No ketamine")

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="signed_assessments")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.TextField(blank=True)
    on = models.DateField()
    drug = models.CharField(max_length=12, choices=Drug.choices)
    route = models.CharField(max_length=8, choices=Route.choices)
    indication = models.CharField(max_length=24, choices=Indication.choices)
    verdict = models.CharField(max_length=8)
    facts_digest = models.CharField(max_length=64)
    findings = models.JSONField()
    judged_by = models.JSONField()  # [{rule, version, outcome}] of every rule
    overrides = models.JSONField()  # public ids of those in force
