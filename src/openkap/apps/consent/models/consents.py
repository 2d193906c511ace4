"""Consents: the exact text offered, what was read, asked and answered, and the signatures bound to it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.models import Drug, Route
from openkap.apps.consent.states import OPEN, STATE_NAMES, STATE_TONES, ConsentState
from openkap.apps.sites.rows import ClinicalRow, new_id


class Consent(ClinicalRow):
    """One text offered to one patient for one drug and route (FHIR Consent).

    The text never changes after the offer: a trigger in the database refuses it. Only `state` and `valid_until`
    move, by the table in `states`. `recorded_at` and `recorded_by` are of the offer.
    """

    class Place(models.TextChoices):
        TABLET = "tablet", _("on the clinic's tablet")
        PORTAL = "portal", _("in the patient portal")

    episode = models.ForeignKey("assessment.Episode", on_delete=models.PROTECT, related_name="+")
    drug = models.CharField(max_length=12, choices=Drug.choices)
    route = models.CharField(max_length=8, choices=Route.choices)
    language = models.CharField(max_length=8)
    place = models.CharField(max_length=8, choices=Place.choices)
    records = models.JSONField()  # {knowledge record: version}
    site_words = models.PositiveIntegerField()  # version of the site's own words
    document = models.JSONField()
    text_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=[(s.value, STATE_NAMES[s]) for s in ConsentState])
    state_at = models.DateTimeField()
    state_reason = models.TextField(blank=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "drug", "route"],
                condition=models.Q(state__in=sorted(state.value for state in OPEN)),
                name="consent_one_open_for_drug_and_route",
            ),
            models.UniqueConstraint(
                fields=["patient", "drug", "route"],
                condition=models.Q(state=ConsentState.VALID.value),
                name="consent_one_valid_for_drug_and_route",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ConsentState.VALID.value) | models.Q(valid_until__isnull=False),
                name="consent_valid_until_a_day",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["site", "state"], name="consent_by_state")]

    @property
    def tone(self) -> str:
        """How its state is drawn."""
        return STATE_TONES[ConsentState(self.state)]

    @property
    def is_open(self) -> bool:
        return ConsentState(self.state) in OPEN

    @property
    def is_portal(self) -> bool:
        return self.place == self.Place.PORTAL


class Acknowledgement(models.Model):
    """That one section was read, by whom it was confirmed."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="acknowledgements")
    section = models.CharField(max_length=80)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consent", "section"], name="consent_section_read_once"),
        ]


class Question(models.Model):
    """A question the patient asked, and its answer; an answer is given once."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="questions")
    section = models.CharField(max_length=80)
    text = models.TextField()
    asked_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class TeachBack(models.Model):
    """What the patient understood, in their own words. The last one of a question counts."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="teach_backs")
    question = models.CharField(max_length=80)
    said = models.TextField()
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


class Signature(models.Model):
    """A printed name under a meaning, at a time, bound to the exact text. Never changed: see the trigger.

    `seal` covers every field, so that one changed by other means is found.
    """

    class Party(models.TextChoices):
        PATIENT = "patient", _("Patient")
        CLINICIAN = "clinician", _("Clinician")

    class Method(models.TextChoices):
        PORTAL = "portal", _("typed name, after signing in anew")
        TABLET = "tablet", _("typed name, witnessed by staff")
        TABLET_DRAWN = "tablet-drawn", _("typed and drawn, witnessed by staff")
        STAFF = "staff", _("typed name, signed in with a second factor")

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="signatures")
    party = models.CharField(max_length=12, choices=Party.choices)
    printed_name = models.CharField(max_length=200)
    meaning = models.TextField()
    signed_at = models.DateTimeField()
    method = models.CharField(max_length=16, choices=Method.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)  # the clinician's, on understanding and capacity
    drawn = models.TextField(blank=True)  # the path of the pen: 'M x y L x y ...', in a box of 600 by 200
    text_digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consent", "party"], name="consent_one_signature_of_each"),
        ]


class Withdrawal(models.Model):
    """That the patient took a consent back: in the portal, or by telling someone of the staff."""

    consent = models.OneToOneField(Consent, on_delete=models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField()
    by_patient = models.BooleanField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)  # never asked for; kept when it was said
