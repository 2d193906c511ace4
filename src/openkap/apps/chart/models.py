"""The chart: facts imported, measured or entered. Rows are never updated; a correction supersedes."""

from typing import ClassVar, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.chart.fields import PartialDateField
from openkap.apps.sites.rows import ClinicalRow


class Source(models.Model):
    """A system elsewhere whose charts are imported; the ids of its facts belong to it."""

    system = models.CharField(max_length=2000, unique=True)


class Import(ClinicalRow):
    """One file taken over that changed something: what it held, and what was left out and why."""

    origin = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    file_digest = models.CharField(max_length=64)  # SHA-256 of the file; the file itself is not kept
    patient_digest = models.CharField(max_length=64)  # of the Patient resource as it was read
    entries = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    skipped = models.JSONField()  # [{type, reason, n}]

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-recorded_at"], name="chart_import_of_patient")]


class ChartFact(ClinicalRow):
    """What every fact of the chart carries: what it is, and where it comes from.

    `source_id` is its natural key within `origin`; `content_digest` tells a changed fact from an unchanged one.
    """

    class Provenance(models.TextChoices):
        IMPORTED = "imported", _("imported")
        MEASURED = "measured", _("measured here")
        ENTERED = "entered", _("entered here")
        PATIENT = "patient", _("told by the patient")

    provenance = models.CharField(max_length=8, choices=Provenance.choices)
    origin = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="+")
    source_id = models.CharField(max_length=260, blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    is_withdrawn = models.BooleanField(default=False)  # says that the superseded row was entered in error
    correction_reason = models.TextField(blank=True)  # why this row supersedes another, as somebody here said

    text = models.TextField()
    code_system = models.CharField(max_length=200, blank=True)  # of the first coding; all are in `codings`
    code = models.CharField(max_length=200, blank=True)
    codings = models.JSONField(default=list)  # [{system, code, display}]

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "origin", "source_id"],
                condition=models.Q(provenance="imported", supersedes__isnull=True),
                name="%(app_label)s_%(class)s_imported_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "code"], name="%(app_label)s_%(class)s_of_patient")
        ]


class Condition(ChartFact):
    """A problem or diagnosis. Statuses are FHIR's; '' where none was given, which is not 'active'."""

    clinical_status = models.CharField(max_length=16, blank=True)
    verification_status = models.CharField(max_length=20, blank=True)
    onset = PartialDateField()
    onset_text = models.TextField(blank=True)
    abatement = PartialDateField()
    abatement_text = models.TextField(blank=True)
    noted = PartialDateField()  # when the source recorded it


class MedicationUse(ChartFact):
    """A medicine ordered, or said to be taken."""

    class Kind(models.TextChoices):
        ORDER = "order", _("order")
        STATEMENT = "statement", _("statement")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=16)
    authored = PartialDateField()
    began = PartialDateField()
    ended = PartialDateField()
    dosage = models.TextField(blank=True)
    as_needed = models.BooleanField(null=True)


class Allergy(ChartFact):
    """An allergy or intolerance, or the statement that there is none."""

    kind = models.CharField(max_length=16, blank=True)
    categories = ArrayField(models.CharField(max_length=40), default=list)
    clinical_status = models.CharField(max_length=16, blank=True)
    verification_status = models.CharField(max_length=20, blank=True)
    criticality = models.CharField(max_length=20, blank=True)
    onset = PartialDateField()
    noted = PartialDateField()
    reactions = models.TextField(blank=True)


class Observation(ChartFact):
    """One measured or answered value; the parts of a panel (blood pressure) are rows that share `panel_id`.

    A number has `value` and its unit: `unit_code` in UCUM, '' where the source gave none, so that nothing is
    computed from it. Other answers have `value_text`.
    """

    category = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=16)
    panel_id = models.CharField(max_length=220, blank=True)
    panel_text = models.TextField(blank=True)
    measured = PartialDateField()
    measured_at = models.DateTimeField(null=True)  # the instant, or the start of the first possible day in UTC
    value = models.DecimalField(max_digits=36, decimal_places=20, null=True)
    comparator = models.CharField(max_length=2, blank=True)
    unit = models.TextField(blank=True)
    unit_code = models.TextField(blank=True)
    value_text = models.TextField(blank=True)
    value_codings = models.JSONField(default=list)

    class Meta(ChartFact.Meta):
        indexes: ClassVar = [
            models.Index(fields=["patient", "code", "-measured_at"], name="chart_observation_latest"),
        ]


class Procedure(ChartFact):
    """Something that was done."""

    status = models.CharField(max_length=16)
    performed = PartialDateField()
    ended = PartialDateField()


class Answer(ClinicalRow):
    """What the patient or a clinician said when asked about one concept of the knowledge base.

    An empty chart proves nothing: 'no seizure' is known only when somebody asked.
    """

    class Reply(models.TextChoices):
        PRESENT = "present", _("yes")
        ABSENT = "absent", _("no")
        UNKNOWN = "unknown", _("not known")

    concept = models.CharField(max_length=80)
    reply = models.CharField(max_length=8, choices=Reply.choices)
    asked_on = models.DateField()
    note = models.TextField(blank=True)  # such as the result of a test
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "concept"], name="chart_answer_of_patient")]


SomeFact = TypeVar("SomeFact", bound=ChartFact)


def current(rows: models.QuerySet[SomeFact]) -> models.QuerySet[SomeFact]:
    """The facts that hold: without what a later row superseded, and without what was withdrawn."""
    return rows.filter(superseded_by__isnull=True, is_withdrawn=False)
