"""A patient's way in, and where a site's patients find help."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import new_id


class PortalLink(models.Model):
    """A link that lets a patient in once. Only a digest of its secret is kept (`messages.links`)."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        SIGN_IN = "sign-in", _("link to sign in")

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    browser = models.CharField(
        max_length=64, blank=True
    )  # digest of who asked for it: that browser opens it at once
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # taken back, replaced, or tried too often
    wrong_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-made_at"], name="portal_link_of_patient")]


class SiteHelp(models.Model):
    """Where patients of a site find help. `lines` is a list in order of `portal.queries.HelpLine`.

    `reads` says who reads what patients write and when, unstaffed hours included, in each language.
    """

    site = models.OneToOneField("sites.Site", on_delete=models.PROTECT, related_name="+")
    emergency_number = models.CharField(max_length=20, blank=True)
    lines = models.JSONField(default=list)
    reads = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
