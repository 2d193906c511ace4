"""Patients and who cares for them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.people.stages import Indication, Stage
from openkap.apps.sites.rows import new_id


class SearchTokens(models.Func):
    """The words of a folded search key as a `tsvector`, so that any beginning of a word is found by index."""

    template = "array_to_tsvector(string_to_array(%(expressions)s, ' '))"
    output_field = SearchVectorField()


class Patient(models.Model):
    """A person in treatment, or being assessed for it."""

    class Sex(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")
        UNKNOWN = "unknown", _("not recorded")

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    record_number = models.CharField(max_length=24)  # the clinic's own, unique in the installation
    given_name = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120)
    search_key = models.TextField()  # folded words: names, number, birth date; never empty
    search_tokens = models.GeneratedField(
        expression=SearchTokens("search_key"), output_field=SearchVectorField(), db_persist=True
    )
    sort_key = models.CharField(max_length=260)
    birth_date = models.DateField()
    sex = models.CharField(max_length=8, choices=Sex.choices)  # administrative; FHIR Patient.gender
    pronouns = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = models.TextField(blank=True)
    contact_name = models.CharField(max_length=120, blank=True)  # whom to call in an emergency
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_relation = models.CharField(max_length=80, blank=True)
    is_deceased = models.BooleanField(default=False)
    deceased_on = models.CharField(max_length=40, blank=True)  # a partial date, as it was recorded
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.REFERRED)
    indication = models.CharField(max_length=24, blank=True)  # of the current episode; set by assessment
    details_version = models.PositiveIntegerField(default=1)
    registered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record_number"], name="people_record_number_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["site", "sort_key", "id"], name="people_by_name"),
            models.Index(fields=["site", "-registered_at", "id"], name="people_by_registration"),
            models.Index(fields=["site", "birth_date", "id"], name="people_by_birth_date"),
            models.Index(fields=["site", "stage", "sort_key"], name="people_by_stage"),
            models.Index(fields=["site", "indication", "sort_key"], name="people_by_indication"),
            GinIndex(fields=["search_tokens"], name="people_search"),
        ]

    @property
    def indication_word(self) -> str:
        """What the current episode treats, in words; '' if there is none."""
        return str(Indication(self.indication).label) if self.indication else ""

    @property
    def name(self) -> str:
        """As it is said: 'Freda O'Connell'."""
        return f"{self.given_name} {self.family_name}".strip()


class FormerDetails(models.Model):
    """What a patient's details were before they were changed; kept, never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="former_details")
    version = models.PositiveIntegerField()
    details = models.JSONField()
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "version"], name="people_one_row_a_version"),
        ]


class Identifier(models.Model):
    """A number another system knows the patient by; makes a second import find the same person."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=2000)
    value = models.CharField(max_length=2000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "value"], name="people_identifier_once"),
        ]


class CareTeamMember(models.Model):
    """A member of staff who cares for the patient; opens the chart to them."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "user", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="people_one_current_place_in_team",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "ended_at"], name="people_team_of_user")]
