"""What was tried before, and what is known of the present spell of illness. Corrections supersede."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.chart.fields import PartialDateField
from openkap.apps.sites.rows import ClinicalRow


class Kind(models.TextChoices):
    """What sort of treatment it was."""

    DRUG = "drug", _("Medicine")
    PSYCHOTHERAPY = "psychotherapy", _("Psychotherapy")
    ECT = "ect", _("Electroconvulsive therapy (ECT)")
    TMS = "tms", _("Magnetic stimulation (TMS)")
    KETAMINE = "ketamine", _("Ketamine or esketamine")


class Spell(models.TextChoices):
    """The spell of illness a treatment belongs to; a 'course of treatment' here is an `Episode`."""

    PRESENT = "present", _("present spell of illness")
    EARLIER = "earlier", _("an earlier spell")
    UNKNOWN = "unknown", _("not known")


class Known(models.TextChoices):
    """A clinician's answer."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("not known")


class Role(models.TextChoices):
    """What a medicine was given for."""

    MAIN = "main", _("on its own or as the main medicine")
    AUGMENTATION = "augmentation", _("added to strengthen another")


class ToldBy(models.TextChoices):
    """Where it is known from."""

    PATIENT = "patient", _("the patient")
    RECORD = "record", _("a medical record")
    PHARMACY = "pharmacy", _("a pharmacy's record")
    OTHER = "other", _("a relative or another clinician")


class Ended(models.TextChoices):
    """Why it ended."""

    ONGOING = "ongoing", _("still going on")
    NO_EFFECT = "no-effect", _("too little effect")
    SIDE_EFFECTS = "side-effects", _("side effects")
    BETTER = "better", _("was better")
    COMPLETED = "completed", _("was completed")
    WISH = "wish", _("the patient's wish")
    ACCESS = "access", _("cost or access")
    OTHER = "other", _("another reason")
    UNKNOWN = "unknown", _("not known")


class Benefit(models.TextChoices):
    """What it did, in words, where nobody measured."""

    NONE = "none", _("little or none")
    PARTIAL = "partial", _("some, not enough")
    GOOD = "good", _("clear")
    UNKNOWN = "unknown", _("not known")


class Laterality(models.TextChoices):
    """Where the electrodes or the coil were."""

    BILATERAL = "bilateral", _("both sides")
    UNILATERAL = "unilateral", _("one side")
    UNKNOWN = "unknown", _("not known")


class PastTreatment(ClinicalRow):
    """One treatment tried. Which of the columns hold something depends on `kind`.

    `medicine` is a drug id of the `antidepressants` records, '' for one in free text (`name`). `drug_class` is
    kept as it was then. `percent_better` is negative where it got worse; it is as given, or computed from the
    score `before` and `after` of `measure`.
    """

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=120)
    medicine = models.CharField(max_length=80, blank=True)
    drug_class = models.CharField(max_length=24, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.MAIN)
    added_to = models.CharField(max_length=120, blank=True)  # what an augmentation was added to
    dose = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    dose_unit = models.CharField(max_length=20, blank=True)
    route = models.CharField(max_length=40, blank=True)  # of ketamine
    sessions = models.PositiveSmallIntegerField(null=True)
    laterality = models.CharField(max_length=12, choices=Laterality.choices, blank=True)
    structured = models.CharField(max_length=8, choices=Known.choices, default=Known.UNKNOWN)

    spell = models.CharField(max_length=8, choices=Spell.choices, default=Spell.UNKNOWN)
    began = PartialDateField()
    ended = PartialDateField()
    weeks = models.DecimalField(max_digits=6, decimal_places=1, null=True)  # at the adequate dose, where said
    dose_adequate = models.CharField(max_length=8, choices=Known.choices, default=Known.UNKNOWN)
    taken_as_agreed = models.CharField(max_length=8, choices=Known.choices, default=Known.UNKNOWN)
    full_course = models.CharField(max_length=8, choices=Known.choices, default=Known.UNKNOWN)
    no_response_clear = models.CharField(max_length=8, choices=Known.choices, default=Known.UNKNOWN)
    percent_better = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    measure = models.CharField(max_length=60, blank=True)
    score_before = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    score_after = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    benefit = models.CharField(max_length=8, choices=Benefit.choices, default=Benefit.UNKNOWN)
    why_ended = models.CharField(max_length=12, choices=Ended.choices, default=Ended.UNKNOWN)
    told_by = models.CharField(max_length=8, choices=ToldBy.choices)
    note = models.TextField(blank=True)
    from_medication = models.UUIDField(null=True)  # the chart's entry it was made from

    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    is_withdrawn = models.BooleanField(default=False)
    change_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="assessment_percent_at_most_100",
                condition=models.Q(percent_better__isnull=True) | models.Q(percent_better__lte=100),
            ),
            models.CheckConstraint(
                name="assessment_dose_has_unit",
                condition=models.Q(dose__isnull=True) | (models.Q(dose__gt=0) & ~models.Q(dose_unit="")),
            ),
            models.CheckConstraint(
                name="assessment_withdrawal_says_why",
                condition=models.Q(is_withdrawn=False)
                | (models.Q(supersedes__isnull=False) & ~models.Q(change_reason="")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "kind"], name="assessment_past_treatments")]


class PresentSpell(ClinicalRow):
    """What is said of the present spell of illness, and whether everything tried is entered. The latest counts.

    `severity` is a category id of the Maudsley record.
    """

    since = PartialDateField()
    severity = models.CharField(max_length=40, blank=True)
    is_complete = models.BooleanField(default=False)  # everything the patient and the records know is entered
    note = models.TextField(blank=True)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient"], name="assessment_present_spell")]
