"""Samples for the gallery page. The people in them are made up; no other page uses them."""

from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.web.figures.course import (
    Course,
    DoseMark,
    EventMark,
    PlanBand,
    ScorePanel,
    ScorePoint,
    SeverityBand,
    TherapyMark,
    VisitKind,
    VisitMark,
    Window,
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As on the passport."))
    weight = forms.DecimalField(
        label=gettext_lazy("Weight"), widget=forms.NumberInput(attrs={"unit": "kg"}), min_value=1
    )
    born = forms.DateField(label=gettext_lazy("Birth date"), widget=forms.DateInput(attrs={"type": "date"}))
    drug = forms.ChoiceField(
        label=gettext_lazy("Drug"), choices=[("ketamine", "ketamine"), ("esketamine", "esketamine")]
    )
    here = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[("room", gettext_lazy("Room")), ("phone", gettext_lazy("Phone"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=gettext_lazy("Consent was given"))
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


def _scores(*pairs: tuple[int, int | None]) -> tuple[ScorePoint, ...]:
    start = date(2026, 10, 12)
    return tuple(
        ScorePoint(
            start + timedelta(days=days), total, "" if total is not None else _("Two answers are missing.")
        )
        for days, total in pairs
    )


def sample_course() -> Course:
    """A course of six doses, seven weeks in."""
    start = date(2026, 10, 12)
    doses = [datetime(2026, 11, day, 10, 0) for day in (3, 6, 10, 13, 17, 20)]  # noqa: DTZ001 - local to the site
    mood = _scores((0, 21), (14, 20), (21, 20), (28, 15), (35, 10), (42, 7), (49, 12))
    worry = _scores((0, 16), (14, 15), (21, 15), (28, 12), (35, None), (42, 8), (49, 10))
    return Course(
        today=date(2026, 12, 7),
        bands=(
            PlanBand(_("Assessment"), start, start + timedelta(days=9)),
            PlanBand(_("Preparation"), start + timedelta(days=10), start + timedelta(days=21)),
            PlanBand(_("Six doses"), start + timedelta(days=22), start + timedelta(days=39)),
            PlanBand(_("Consolidation"), start + timedelta(days=40), start + timedelta(days=66), current=True),
            PlanBand(_("Follow-up"), start + timedelta(days=67), start + timedelta(days=104), planned=True),
        ),
        doses=tuple(
            DoseMark(n, at, "28 mg IV" if n == 3 else "35 mg IV", incomplete=n == 3)
            for n, at in enumerate(doses, 1)
        ),
        visits=_sample_visits(start),
        therapy=_sample_therapy(),
        panels=(
            ScorePanel(
                "PHQ-9", _("depression"), 0, 27, _bands(27, 5, 10, 15, 20), mood, mood[2], 6,
                due=date(2026, 12, 7),
            ),
            ScorePanel("GAD-7", _("anxiety"), 0, 21, _bands(21, 5, 10, 15), worry, worry[2], 4),
        ),
        events=(
            EventMark(date(2026, 10, 19), _("Clonazepam to 0.5 mg")),
            EventMark(date(2026, 11, 10), _("Dose 3 paused for 6 min")),
            EventMark(date(2026, 11, 29), _("Waking at 4, three days")),
        ),
        window=Window(48, _("48 h after a dose (hypothesis)")),
    )  # fmt: skip


def _bands(highest: int, *starts: int) -> tuple[SeverityBand, ...]:
    words = [_("minimal"), _("mild"), _("moderate"), _("mod. severe"), _("severe")]
    if len(starts) == 3:
        words.pop(3)
    edges = [0, *starts, highest + 1]
    return tuple(
        SeverityBand(word, low, high - 1) for word, low, high in zip(words, edges[:-1], edges[1:], strict=True)
    )


def _sample_visits(start: date) -> tuple[VisitMark, ...]:
    kinds = VisitKind
    plan = [
        (0, kinds.ASSESSMENT), (3, kinds.ASSESSMENT), (8, kinds.ASSESSMENT), (9, kinds.PREPARATION),
        (16, kinds.PREPARATION), (23, kinds.INTEGRATION), (30, kinds.INTEGRATION), (37, kinds.INTEGRATION),
        (43, kinds.INTEGRATION), (46, kinds.CHECK_IN), (51, kinds.INTEGRATION), (57, kinds.CHECK_IN),
        (58, kinds.INTEGRATION), (66, kinds.INTEGRATION), (67, kinds.CHECK_IN), (84, kinds.CHECK_IN),
        (98, kinds.CHECK_IN),
    ]  # fmt: skip
    return tuple(VisitMark(kind, start + timedelta(days=day), planned=day > 56) for day, kind in plan)


def _sample_therapy() -> tuple[TherapyMark, ...]:
    done = [(4, "EMDR", 25.0), (11, "EMDR", 26.0), (18, "EMDR", 26.0), (24, "IFS", 96.0)]
    return (
        *(TherapyMark(method, date(2026, 11, day), hours) for day, method, hours in done),
        TherapyMark("EMDR", date(2026, 12, 9), planned=True),
        TherapyMark("IFS", date(2026, 12, 17), planned=True),
    )
