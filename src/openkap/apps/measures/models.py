"""Answers to instruments, as they were given and as they were scored."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import ClinicalRow, new_id
from openkap.knowledge.schema.instrument import Points


class PointsField(models.FloatField):  # type: ignore[type-arg]  # its parameters are for the checker alone
    """A score: a whole number comes back as one, so that 12 is never shown as 12.0."""

    def from_db_value(self, value: float | None, _expression: object, _connection: object) -> Points | None:
        """What the database holds, as the scoring has it."""
        return int(value) if value is not None and value.is_integer() else value


class Mode(models.TextChoices):
    """How the instrument was filled in."""

    OWN_DEVICE = "own-device", _("On the patient's own device")
    SCREEN = "screen", _("On a screen, here")
    PAPER = "paper", _("On paper")
    INTERVIEW = "interview", _("Read aloud, in the room")
    CALL = "call", _("Read aloud, by telephone or video")
    ELSEWHERE = "elsewhere", _("Taken over from another record")


class Response(ClinicalRow):
    """One filled instrument with its score. Never updated: a correction supersedes it.

    `answers` holds every item by id: a value, or why there is none ('NA', 'SKIP', 'REFUSED'); it is empty when
    only the total was entered. The score is stored as computed then, with the version of the instrument.
    """

    instrument_id = models.CharField(max_length=80)
    instrument_version = models.PositiveIntegerField()
    wording_digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the words that were shown
    language = models.CharField(max_length=8)
    mode = models.CharField(max_length=12, choices=Mode.choices)
    administered_at = models.DateTimeField()
    rater = models.ForeignKey(  # none: the patient rated themselves
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answers = models.JSONField(default=dict)
    total = PointsField(null=True)
    total_reason = models.CharField(max_length=200, blank=True)  # why there is none
    subscales = models.JSONField(default=dict)
    band_id = models.CharField(max_length=40, blank=True)
    outcome_id = models.CharField(max_length=40, blank=True)
    outcome_open = models.BooleanField(default=False)  # it could not be told, for want of an answer
    n_missing = models.PositiveSmallIntegerField(default=0)
    prorated = models.BooleanField(default=False)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    correction_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="measures_total_or_reason",
                condition=models.Q(total__isnull=False, total_reason="")
                | (models.Q(total__isnull=True) & ~models.Q(total_reason="")),
            ),
            models.CheckConstraint(
                name="measures_correction_says_why",
                condition=models.Q(supersedes__isnull=True, correction_reason="")
                | (models.Q(supersedes__isnull=False) & ~models.Q(correction_reason="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "instrument_id", "-administered_at"], name="measures_of_patient"),
        ]

    @property
    def entered_as_total(self) -> bool:
        """Only the total is here; the form is elsewhere."""
        return not self.answers


class Filling(models.Model):
    """A questionnaire that a patient is filling in. Its answers change until it is handed in, never after.

    `public_id` becomes that of the response, so that handing in twice keeps it once.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    instrument_id = models.CharField(max_length=80)
    instrument_version = models.PositiveIntegerField()
    wording_digest = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    answers = models.JSONField(default=dict)  # by item: a value, or why there is none
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "instrument_id", "instrument_version"],
                condition=models.Q(handed_in_at__isnull=True),
                name="measures_one_filling_at_a_time",
            ),
        ]


class AskState(models.TextChoices):
    """What became of an ask."""

    ASKED = "asked", _("Asked")
    ANSWERED = "answered", _("Answered")
    EXPIRED = "expired", _("Not answered in time")
    WITHDRAWN = "withdrawn", _("Taken back")


CONSENT_WITHDRAWN = "consent-withdrawn"  # the reason of an ask that was taken back by itself for that


class Ask(models.Model):
    """One questionnaire asked for once: open from its opening until it is answered, expired or taken back.

    `key` and `day` say which ask of the cadence it is; while it is open its times move with the plan. What was
    asked by hand has a key of its own, and no line.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    day = models.DateField()  # local to the site
    instrument_id = models.CharField(max_length=80)
    cadence_id = models.CharField(max_length=80, blank=True)  # by which record; '' for visits and by hand
    cadence_version = models.PositiveIntegerField(null=True)
    line_id = models.CharField(max_length=80, blank=True)
    stage = models.CharField(max_length=16)
    by_clinician = models.BooleanField(default=False)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reminders = models.JSONField(default=list)  # instants, those to come
    next_reminder_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)  # messages that went to the outbox
    overlaps = models.BooleanField(default=False)  # asks about days the one before asked about
    state = models.CharField(max_length=12, choices=AskState.choices, default=AskState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)  # why it was asked by hand, or taken back
    response = models.ForeignKey(Response, null=True, on_delete=models.PROTECT, related_name="asks")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "instrument_id"],
                condition=models.Q(state="asked"),
                name="measures_one_open_ask",
            ),
            models.CheckConstraint(
                name="measures_closed_ask_says_when",
                condition=models.Q(state="asked", closed_at__isnull=True)
                | (~models.Q(state="asked") & models.Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="measures_ask_in_order", condition=models.Q(opens_at__lt=models.F("expires_at"))
            ),
            models.CheckConstraint(name="measures_three_reminders", condition=models.Q(reminded__lte=3)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-opens_at"], name="measures_asks_of_patient"),
            models.Index(
                fields=["next_reminder_at"], condition=models.Q(state="asked"), name="measures_asks_to_remind"
            ),
            models.Index(
                fields=["site", "closed_at"],
                condition=models.Q(state="expired"),
                name="measures_asks_expired",
            ),
        ]

    @property
    def is_by_hand(self) -> bool:
        """Somebody asked besides the cadence."""
        return self.key.startswith("by-hand:")


class AskingChange(ClinicalRow):
    """A change of how one patient is asked, by whom and why. The newest of its kind holds."""

    class What(models.TextChoices):
        PAUSE = "pause", _("Asking paused")
        RESUME = "resume", _("Asking goes on")
        CADENCE = "cadence", _("Another cadence")
        LEAVE_OUT = "leave-out", _("Left out")
        TAKE_UP = "take-up", _("Asked again")

    what = models.CharField(max_length=12, choices=What.choices)
    code = models.CharField(max_length=80, blank=True)  # the cadence ('': as the rule has it) or the instrument
    until = models.DateTimeField(null=True)  # of a pause; null: until somebody ends it
    reason = models.CharField(max_length=300)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "id"], name="measures_changes_of_asking")]


class BurdenLimit(models.Model):
    """How many minutes of questions a week a site asks for at most; the newest holds, and null ends it.

    Kept, never changed: by whom, when and why.
    """

    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(null=True)  # null: as the cadence's record has it
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["site", "-id"], name="measures_burden_of_site")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="measures_burden_is_some",
                condition=models.Q(minutes__isnull=True) | models.Q(minutes__gte=1, minutes__lte=600),
            ),
        ]


class EarlyJudgement(models.Model):
    """How a course stood by an early warning when this response came in, by the warning in that version.

    Written once for each response of a main measure, so that it is known what was judged, and what was not yet.
    """

    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="early_judgement")
    warning_id = models.CharField(max_length=80)
    warning_version = models.PositiveIntegerField()
    standing = models.CharField(max_length=16)  # core.psychometrics.Early
    percent_improvement = models.FloatField(null=True)
    judged_at = models.DateTimeField()
