"""What matters to a patient, what was talked over with them, and what the options cost at a site."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.models.episodes import Episode
from openkap.apps.sites.rows import ClinicalRow, new_id


class Matter(models.TextChoices):
    """What people weigh when they choose; own words stand beside it."""

    SOON = "soon", _("Feeling better soon")
    LASTING = "lasting", _("That it lasts")
    MEMORY = "memory", _("Keeping my memory clear")
    NO_DAILY_TABLET = "no-daily-tablet", _("No daily tablet")
    FEW_VISITS = "few-visits", _("Few visits, work and family")
    COST = "cost", _("What it costs")
    CONTROL = "control", _("Staying in control of myself")
    SIDE_EFFECTS = "side-effects", _("Few side effects")
    TALKING = "talking", _("Having someone to talk with")
    SURE = "sure", _("Something well tested")


class Preferences(ClinicalRow):
    """What a patient said matters, hopes for and fears, in their words. A later row supersedes."""

    by_patient = models.BooleanField()  # marked by the patient; otherwise by staff, as the patient told them
    matters = models.JSONField(default=list)  # values of `Matter`, in the order given
    own_words = models.TextField(blank=True)
    goals = models.TextField(blank=True)
    fears = models.TextField(blank=True)
    questions = models.TextField(blank=True)
    leaning = models.CharField(max_length=80, blank=True)  # the option they lean towards, if any
    expectancy = models.PositiveSmallIntegerField(null=True)  # how much they think it will help, 0 to 10
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="assessment_expectancy_0_to_10",
                condition=models.Q(expectancy__isnull=True) | models.Q(expectancy__lte=10),
            )
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "-id"], name="assessment_preferences_of")]


class OptionsTalk(ClinicalRow):
    """The alternatives that were gone through with the patient, and with which figures. Never changed."""

    class Standing(models.TextChoices):
        PREFERRED = "preferred", _("Preferred")
        OPEN = "open", _("Still open")
        DECLINED = "declined", _("Not wanted")
        UNSUITABLE = "unsuitable", _("Not suitable")
        TRIED = "tried", _("Tried before")

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="options_talks")
    on = models.DateField()  # local to the site
    considered = models.JSONField()  # [{option, standing, reason}]
    note = models.TextField(blank=True)
    circumstances = models.JSONField()  # what the figures were chosen by
    shown = models.JSONField()  # [{record, version}] of every record on the page


class OptionPrice(models.Model):
    """What an option costs a patient at a site. The latest row counts; one without an amount takes it back."""

    class Per(models.TextChoices):
        VISIT = "visit", _("a visit")
        MONTH = "month", _("a month")
        COURSE = "course", _("the whole course")

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    option_id = models.CharField(max_length=80)
    amount = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)  # ISO 4217
    per = models.CharField(max_length=8, choices=Per.choices, blank=True)
    note = models.CharField(max_length=160, blank=True)  # such as 'covered after approval'
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="assessment_price_whole",
                condition=models.Q(amount__isnull=True)
                | (models.Q(amount__gte=0) & ~models.Q(currency="") & ~models.Q(per="")),
            )
        ]
        indexes: ClassVar = [models.Index(fields=["site", "option_id", "-id"], name="assessment_price_latest")]
