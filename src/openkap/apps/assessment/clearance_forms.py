"""Forms of medical clearance: results, decisions, waivers, pressures; and of the candidacy interview."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.models import ClearanceDecision, ClearanceResult, PressureSeries
from openkap.apps.assessment.operations import PressureReading, ResultEntry, Said
from openkap.apps.chart.entries import ENTRIES
from openkap.apps.chart.forms import in_language
from openkap.knowledge.schema.candidacy_question import CandidacyQuestion
from openkap.knowledge.schema.clearance_item import ClearanceItem, Part
from openkap.units import Quantity

READINGS = 3


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **more)


class ResultForm(forms.Form):
    """One result: when, from where, what was measured, and what a clinician says of it."""

    def __init__(self, item: ClearanceItem, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "result_%s"})
        self.item = item
        self.fields["done_on"] = _day(_("Done on"), initial=today)
        self.fields["source"] = forms.ChoiceField(
            label=_("Where from"), choices=ClearanceResult.Source.choices, initial=_usual_source(item)
        )
        for part in item.parts:
            if part.entry:
                self.fields[part.entry] = _number(part)
        if item.total:
            self.fields["total"] = forms.IntegerField(
                label=_("Total"), min_value=item.total.least, max_value=item.total.most
            )
        self.fields["reading"] = forms.ChoiceField(
            label=_("What it means"), choices=ClearanceResult.Reading.choices, widget=forms.RadioSelect
        )
        self.fields["value"] = forms.CharField(label=_("Result in words"), required=False, max_length=500)
        self.fields["interpretation"] = forms.CharField(
            label=_("Interpretation"),
            required=False,
            max_length=2000,
            widget=forms.Textarea({"rows": 2}),
            help_text=_("Asked for when it is abnormal."),
        )

    def entry(self) -> ResultEntry:
        """What was entered, ready for the operation."""
        given = self.cleaned_data
        return ResultEntry(
            item_id=self.item.id,
            done_on=given["done_on"],
            reading=given["reading"],
            source=given["source"],
            value=given["value"],
            total=given.get("total"),
            interpretation=given["interpretation"],
            numbers=self._numbers(),
        )

    def _numbers(self) -> Mapping[str, Quantity]:
        names = [part.entry for part in self.item.parts if part.entry]
        given = {name: self.cleaned_data.get(name) for name in names}
        return {name: Quantity.of(n, ENTRIES[name].unit) for name, n in given.items() if n is not None}


def _usual_source(item: ClearanceItem) -> str:
    usual = {"laboratory": ClearanceResult.Source.LABORATORY, "specialist": ClearanceResult.Source.LETTER}
    return usual.get(item.group, ClearanceResult.Source.HERE).value


def _number(part: Part) -> forms.Field:
    entry = ENTRIES[part.entry or ""]
    return forms.DecimalField(
        label=in_language(part.title),
        required=False,
        max_digits=12,
        min_value=Decimal(entry.least),
        max_value=Decimal(entry.most),
        widget=forms.NumberInput({"unit": entry.unit_shown, "inputmode": "decimal", "step": str(entry.step)}),
    )


class DecideForm(forms.Form):
    """What is decided on an abnormal result."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=ClearanceDecision.Decision.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "decide_%s"})


class WaiveForm(forms.Form):
    """Why an item is waived, and until when."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 2}))
    expires_on = _day(_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "waive_%s"})


class WithdrawForm(forms.Form):
    """Why a result was an error."""

    reason = forms.CharField(label=_("Why it was entered in error"), max_length=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "withdraw_%s"})


class PressureForm(forms.Form):
    """A series of readings on one day; rows left empty are left out."""

    position = forms.ChoiceField(label=_("Position"), choices=PressureSeries.Position.choices)
    arm = forms.ChoiceField(label=_("Arm"), choices=PressureSeries.Arm.choices)
    rest_minutes = forms.IntegerField(
        label=_("Rest before the first reading"),
        min_value=0,
        max_value=240,
        widget=forms.NumberInput({"unit": "min", "inputmode": "numeric"}),
    )

    def __init__(self, zone: str, now: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "pressure_%s"})
        self.zone = ZoneInfo(zone)
        local = now.astimezone(self.zone)
        self.fields["on"] = _day(_("Day"), initial=local.date())
        for n in range(READINGS):
            self.fields[f"at_{n}"] = forms.TimeField(
                label=_("Time"),
                required=False,
                initial=local.strftime("%H:%M") if n == 0 else None,
                widget=forms.TimeInput({"type": "time"}, "%H:%M"),
            )
            for half, label in (("systolic", _("Systolic")), ("diastolic", _("Diastolic"))):
                self.fields[f"{half}_{n}"] = _pressure(half, label)

    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each reading, for the template."""
        names = ("at", "systolic", "diastolic")
        return [[self[f"{name}_{n}"] for name in names] for n in range(READINGS)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for n in range(READINGS):
            given = [cleaned.get(f"{name}_{n}") for name in ("at", "systolic", "diastolic")]
            if any(v is not None for v in given[1:]) and None in given:
                self.add_error(f"systolic_{n}", _("A reading has a time and both pressures."))
        if not self.errors and not self.readings():
            raise forms.ValidationError(_("Enter at least one reading."))
        return cleaned

    def readings(self) -> list[PressureReading]:
        """The readings entered, with the site's time."""
        given = self.cleaned_data
        return [
            PressureReading(
                self._moment(given["on"], given[f"at_{n}"]),
                Quantity.of(given[f"systolic_{n}"], "mm[Hg]"),
                Quantity.of(given[f"diastolic_{n}"], "mm[Hg]"),
            )
            for n in range(READINGS)
            if given.get(f"systolic_{n}") is not None
        ]

    def _moment(self, on: date, at: time) -> datetime:
        return datetime.combine(on, at, tzinfo=self.zone)


def _pressure(half: str, label: Any) -> forms.Field:
    entry = ENTRIES[f"blood-pressure-{half}"]
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=5,
        min_value=Decimal(entry.least),
        max_value=Decimal(entry.most),
        widget=forms.NumberInput({"unit": "mmHg", "inputmode": "numeric", "step": str(entry.step)}),
    )


class CandidacyForm(forms.Form):
    """The candidacy interview: a choice and a note for each question; what is not asked yet stays empty."""

    def __init__(self, questions: Iterable[CandidacyQuestion], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "candidacy_%s"})
        self.questions = sorted(questions, key=lambda question: question.order)
        for question in self.questions:
            self.fields[question.id] = forms.ChoiceField(
                label=in_language(question.question),
                required=False,
                choices=[(choice.id, in_language(choice.label)) for choice in question.choices],
                widget=forms.RadioSelect,
            )
            self.fields[f"{question.id}-note"] = forms.CharField(
                label=_("Note"), required=False, max_length=1000
            )
        self.fields["asked_on"] = _day(_("Asked on"), initial=today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.answers():
            raise forms.ValidationError(_("Choose at least one answer."))
        return cleaned

    def answers(self) -> dict[str, Said]:
        """The answers given, by question."""
        given = self.cleaned_data
        return {
            question.id: Said(given[question.id], given.get(f"{question.id}-note", ""))
            for question in self.questions
            if given.get(question.id)
        }
