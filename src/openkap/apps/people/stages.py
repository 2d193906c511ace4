"""Where a patient is on the path, and what for: words that lists show and other apps set."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """Where on the path through the programme; kept with the patient so that lists can filter by it."""

    REFERRED = "referred", _("Referred")
    ASSESSMENT = "assessment", _("Assessment")
    PREPARATION = "preparation", _("Preparation")
    TREATMENT = "treatment", _("Treatment")
    FOLLOW_UP = "follow-up", _("Follow-up")
    ENDED = "ended", _("Ended")


class Indication(models.TextChoices):
    """What an episode treats. Codes as in the knowledge records and on the command line."""

    TRD = "trd", _("Treatment-resistant depression")
    MDD = "mdd", _("Major depression")
    MDD_SI = "mdd-si", _("Depression with acute suicidal thoughts")
    GAD = "gad", _("Generalised anxiety disorder")
    PANIC = "panic", _("Panic disorder")
    AGORAPHOBIA = "agoraphobia", _("Agoraphobia")
    SAD = "sad", _("Social anxiety disorder")
    PTSD = "ptsd", _("Post-traumatic stress disorder")
