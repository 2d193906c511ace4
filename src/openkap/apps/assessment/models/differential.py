"""What was asked to tell conditions apart, and what a clinician concluded. The latest counts."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import ClinicalRow


class ScreenReply(ClinicalRow):
    """The answers to one screen (a `screens` record), as they were given on a local date."""

    screen = models.CharField(max_length=80)
    screen_version = models.PositiveIntegerField()
    replies = models.JSONField()  # {question id: yes | no | unknown}
    asked_on = models.DateField()
    note = models.TextField(blank=True)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "screen"], name="assessment_screen_replies")]


class DifferentialDecision(ClinicalRow):
    """What a clinician holds to be the main condition, and whether it stands on its own."""

    class Conclusion(models.TextChoices):
        PRIMARY = "primary", _("primary: it stands on its own")
        SECONDARY = "secondary", _("secondary: something else causes it")
        NOT_DECIDED = "not-decided", _("not decided")

    class Condition(models.TextChoices):
        DEPRESSION = "depression", _("Depression")
        GAD = "gad", _("Generalised anxiety disorder")
        PANIC = "panic", _("Panic disorder without agoraphobia")
        PANIC_AGORAPHOBIA = "panic-agoraphobia", _("Panic disorder with agoraphobia")
        AGORAPHOBIA = "agoraphobia", _("Agoraphobia without panic disorder")
        SOCIAL_ANXIETY = "social-anxiety", _("Social anxiety disorder")
        SPECIFIC_FEAR = "specific-fear", _("Specific fear")
        PTSD = "ptsd", _("Post-traumatic stress disorder")
        OTHER = "other", _("Another condition")

    conclusion = models.CharField(max_length=12, choices=Conclusion.choices)
    main_condition = models.CharField(max_length=20, choices=Condition.choices)
    also_present = ArrayField(models.CharField(max_length=20, choices=Condition.choices), default=list)
    reason = models.TextField()
    proposed = models.CharField(max_length=12)  # what the screens alone said then
    on = models.DateField()
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient"], name="assessment_differential")]
