"""What a person enters about plans and visits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.planning.compiling import WEEKEND, Choices

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class Day(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Clock(forms.TimeInput):
    """The browser's own clock, in steps of five minutes."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"step": 300})


def _weekdays(data: list[str]) -> frozenset[int]:
    return frozenset(int(day) for day in data)


class PlanForm(forms.Form):
    """Choosing a protocol and when it starts."""

    protocol = forms.ChoiceField(label=_("Protocol"), widget=forms.RadioSelect)
    start = forms.DateField(
        label=_("Start"),
        widget=Day(),
        help_text=_("No visit lies before this day; the first dose follows preparation."),
    )
    first_dose_from = forms.DateField(label=_("First dose not before"), required=False, widget=Day())
    dose_at = forms.TimeField(
        label=_("Dosing visits begin at"), required=False, widget=Clock(), initial=Choices.dose_at
    )
    talk_at = forms.TimeField(
        label=_("Integration visits begin at"), required=False, widget=Clock(), initial=Choices.talk_at
    )
    preferred = forms.MultipleChoiceField(
        label=_("Days that suit the patient"),
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    closed = forms.MultipleChoiceField(
        label=_("Days the clinic is closed"),
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=sorted(WEEKEND),
        help_text=_("Public holidays of the site are closed as well."),
    )

    def __init__(self, *args: Any, protocols: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["protocol"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = protocols

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if len(cleaned.get("closed", [])) == len(WEEKDAYS):
            self.add_error("closed", _("A clinic that is never open has no visits."))
        return cleaned

    def choices(self) -> Choices:
        """What was chosen about days."""
        given = self.cleaned_data
        return Choices(
            closed_weekdays=_weekdays(given["closed"]),
            preferred_weekdays=_weekdays(given["preferred"]),
            first_dose_from=given["first_dose_from"],
            dose_at=given["dose_at"] or Choices.dose_at,
            talk_at=given["talk_at"] or Choices.talk_at,
        )


class MoveForm(forms.Form):
    """Moving a visit."""

    on = forms.DateField(label=_("New day"), widget=Day())
    at = forms.TimeField(label=_("New time"), widget=Clock())
    reason = forms.CharField(label=_("Why"), required=False, max_length=500)


class ReasonForm(forms.Form):
    """Giving a reason for what is undone."""

    reason = forms.CharField(label=_("Why"), max_length=500)


class AnywayForm(forms.Form):
    """Why treatment is planned although no signed decision holds."""

    override_reason = forms.CharField(
        label=_("Why it is planned all the same"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Kept as an override with your name and role, and shown ever after."),
    )

    def reason(self) -> str:
        """What was given; nothing where it was not asked for."""
        return str(self.cleaned_data.get("override_reason", "")) if self.is_valid() else ""
