"""Patients and who cares for them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from openkap.apps.sites.rows import new_id


class Patient(models.Model):
    """A person in treatment, or being assessed for it."""

    class Sex(models.TextChoices):
        FEMALE = "female"
        MALE = "male"
        OTHER = "other"
        UNKNOWN = "unknown"

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    record_number = models.CharField(max_length=24)  # the clinic's own, unique in the installation
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    search_key = models.CharField(max_length=240, db_index=True)  # folded names, number, birth date
    sort_key = models.CharField(max_length=200, db_index=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=8, choices=Sex.choices)  # administrative; FHIR Patient.gender
    pronouns = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    deceased_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record_number"], name="people_record_number_once"),
        ]


class Identifier(models.Model):
    """A number another system knows the patient by; makes a second import find the same person."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "value"], name="people_identifier_once"),
        ]


class CareTeamMember(models.Model):
    """A member of staff who cares for the patient; opens the chart to them."""

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
