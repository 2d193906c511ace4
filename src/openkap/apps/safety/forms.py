"""What people enter about suicide risk, the safety plan and the rota."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.models import User
from openkap.apps.safety.models import Plan, Shift, Unstaffed
from openkap.apps.safety.operations import Found, NewShift
from openkap.apps.safety.plan_parts import SECTIONS
from openkap.apps.safety.words import CHOICES, IDEATION
from openkap.errors import BadInput

THREE = (("yes", _("yes")), ("no", _("no")), ("unknown", _("not known")))
BOOL = {"yes": True, "no": False, "unknown": None}
TIME = {"type": "time"}


class _Refusing(forms.Form):
    def refuse(self, error: BadInput) -> None:
        """Show what an operation would not take beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class ResultForm(_Refusing):
    """A clinician's C-SSRS result: what was found, never the questions."""

    assessed_at = forms.DateTimeField(
        label=_("When it was found"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    ideation = forms.ChoiceField(label=_("Ideation, most severe in the past month"))
    behaviour_recent = forms.ChoiceField(
        label=_("Behaviour in the last 3 months"),
        choices=THREE,
        widget=forms.RadioSelect,
        help_text=_("Attempt, interrupted, aborted, or preparation."),
    )
    behaviour_ever = forms.ChoiceField(
        label=_("Behaviour ever in life"), choices=THREE, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("What was seen, and what protects"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )
    entry_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, zone: tzinfo, data: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(data, **more)
        self._zone = zone
        self.fields["ideation"] = forms.ChoiceField(
            label=_("Ideation, most severe in the past month"),
            choices=[("", ""), *((str(n), words) for n, words in IDEATION), ("unknown", _("not known"))],
        )

    def clean_assessed_at(self) -> datetime:
        """On the site's clock, whatever the server's is."""
        said: datetime = self.cleaned_data["assessed_at"]
        return said.replace(tzinfo=self._zone)

    def found(self) -> Found:
        """What was entered."""
        said = self.cleaned_data
        ideation = said["ideation"]
        return Found(
            assessed_at=said["assessed_at"],
            ideation=None if ideation == "unknown" else int(ideation),
            behaviour_recent=BOOL[said["behaviour_recent"]],
            behaviour_ever=BOOL[said["behaviour_ever"]],
            note=said["note"],
        )


class DecisionForm(_Refusing):
    """The psychiatrist's decision; sending it signs it."""

    choice = forms.ChoiceField(label=_("Decision"), choices=list(CHOICES.items()), widget=forms.RadioSelect)
    setting = forms.CharField(
        label=_("In which setting"),
        required=False,
        max_length=200,
        help_text=_("Only for a dose in higher care: where, and who watches."),
    )
    reason = forms.CharField(label=_("Why"), max_length=4000, widget=forms.Textarea({"rows": 3}))


class PlanForm(_Refusing):
    """The safety plan: one line each, section by section."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, plan: Plan | None, data: Mapping[str, Any] | None = None) -> None:
        initial: dict[str, Any] = {"based_on": plan.version if plan else 0}
        for section in SECTIONS:
            lines = plan.content.get(section.id, []) if plan else []
            initial[section.id] = "\n".join(line["text"] for line in lines)
        super().__init__(data, initial=initial)
        for section in SECTIONS:
            self.fields[section.id] = forms.CharField(
                label=section.title,
                help_text=section.prompt,
                required=False,
                max_length=4000,
                widget=forms.Textarea({"rows": 3}),
            )
        self.fields["together"] = forms.ChoiceField(
            label=_("Written together with the patient"), choices=THREE[:2], widget=forms.RadioSelect
        )

    def content(self) -> dict[str, list[str]]:
        """The lines of each section."""
        return {section.id: self.cleaned_data[section.id].splitlines() for section in SECTIONS}


class ShiftForm(_Refusing):
    """Somebody on duty: every week on a weekday, or on one date."""

    user = forms.ChoiceField(label=_("Who"), required=False)
    weekday = forms.TypedChoiceField(
        label=_("Every week on"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", _("no weekday: one date")), *Shift.Weekday.choices],
    )
    on = forms.DateField(
        label=_("Or on one date"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_("Takes the place of the weekday. With nobody chosen, the site is not staffed then."),
    )
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput(TIME, "%H:%M"))
    ends = forms.TimeField(
        label=_("Until"),
        widget=forms.TimeInput(TIME, "%H:%M"),
        help_text=_("Earlier than the beginning: past midnight."),
    )

    def __init__(self, staff: Sequence[User], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="shift_%s")
        self._staff = {str(user.public_id): user for user in staff}
        self.fields["user"] = _who(self._staff, _("Who"), _("nobody"))

    def shift(self) -> NewShift:
        """What was entered."""
        said = self.cleaned_data
        user = self._staff.get(said["user"])
        return NewShift(said["begins"], said["ends"], user, said["weekday"], said["on"])


class UnstaffedForm(_Refusing):
    """What happens when nobody is on duty."""

    user = forms.ChoiceField(label=_("Alerts name then"), required=False)
    what_happens = forms.CharField(
        label=_("What staff do, and what patients were told"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Such as: patients are told to call the crisis line; the person named looks by nine."),
    )

    def __init__(
        self, staff: Sequence[User], held: Unstaffed | None, data: Mapping[str, Any] | None = None
    ) -> None:
        initial = {}
        if held is not None:
            user = str(held.user.public_id) if held.user else ""
            initial = {"user": user, "what_happens": held.what_happens}
        super().__init__(data, initial=initial, auto_id="unstaffed_%s")
        self._staff = {str(user.public_id): user for user in staff}
        self.fields["user"] = _who(
            self._staff, _("Alerts name then"), _("nobody; the medical directors are written to")
        )

    def named(self) -> User | None:
        """Who is named."""
        return self._staff.get(self.cleaned_data["user"])


class NumberForm(_Refusing):
    """By which number somebody on the staff is sent text messages."""

    user = forms.ChoiceField(label=_("Who"))
    number = forms.CharField(
        label=_("Number for text messages"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        help_text=_("With the country's code, such as +1 555 0100. Empty: only by e-mail."),
    )

    def __init__(self, staff: Sequence[User], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="number_%s")
        self._staff = {str(user.public_id): user for user in staff}
        choices = [(key, str(user)) for key, user in self._staff.items()]
        self.fields["user"] = forms.ChoiceField(label=_("Who"), choices=choices)

    def named(self) -> User:
        """Whose number it is."""
        return self._staff[self.cleaned_data["user"]]


def _who(staff: Mapping[str, User], label: Any, nobody: Any) -> forms.ChoiceField:
    choices = [("", nobody), *((key, str(user)) for key, user in staff.items())]
    return forms.ChoiceField(label=label, required=False, choices=choices)
