"""Forms of the journal and of practice."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from openkap.apps.journal.models import Entry, Standing
from openkap.apps.journal.operations.checks import LONGEST, LONGEST_TITLE
from openkap.apps.journal.operations.practice import LONGEST_NOTE
from openkap.apps.journal.practising import methods
from openkap.apps.messages.queries import ways_to_reach

if TYPE_CHECKING:
    from openkap.apps.journal.models import Reminder
    from openkap.apps.people.models import Patient


class EntryForm(forms.Form):
    """One entry."""

    kind = forms.ChoiceField(
        label=_("What is it"), choices=Entry.Kind.choices, widget=forms.RadioSelect, initial=Entry.Kind.NOTICED
    )
    text = forms.CharField(
        label=_("In your words"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Write something first, even one word.")},
    )
    who = forms.ChoiceField(
        label=_("Who may read it"),
        choices=[
            (Standing.Who.PRIVATE.value, _("Only me")),
            (Standing.Who.THERAPIST.value, _("My therapist and me")),
            (Standing.Who.SHARED.value, _("My care team and me")),
        ],
        widget=forms.RadioSelect,
        initial=Standing.Who.PRIVATE.value,
        help_text=_("You can change it later. What somebody has read by then, they have read."),
    )


class PracticeForm(forms.Form):
    """Something to practise."""

    title = forms.CharField(label=_("What to practise"), max_length=LONGEST_TITLE)
    how = forms.CharField(
        label=_("How, in a few lines"), max_length=LONGEST, required=False, widget=forms.Textarea({"rows": 3})
    )
    often = forms.CharField(
        label=_("How often"), max_length=LONGEST_TITLE, required=False, help_text=_("Such as: every evening")
    )
    method = forms.ChoiceField(label=_("Belongs to"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [("", _("no method in particular")), *methods()]


class DoneForm(forms.Form):
    """That it was done today, with a note or without."""

    note = forms.CharField(
        label=_("A note about it"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Your care team can read it."),
    )


class ReminderForm(forms.Form):
    """On which days, at what time, and how."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days"),
        coerce=int,
        choices=[(number, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    at = forms.TimeField(
        label=_("At"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"), help_text=_("Clinic's clock")
    )
    channel = forms.ChoiceField(label=_("By"), widget=forms.RadioSelect)

    def __init__(self, patient: "Patient", reminder: "Reminder | None", *args: Any, **kwargs: Any) -> None:
        usable = [way.channel for way in ways_to_reach(patient) if not way.why_not]
        self.can_be_reached = bool(usable)
        if reminder is not None:
            kwargs["initial"] = {
                "weekdays": reminder.weekdays,
                "at": reminder.at,
                "channel": reminder.channel,
            }
        elif usable:
            kwargs["initial"] = {"weekdays": list(range(7)), "at": "18:00", "channel": usable[0].value}
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [(way.value, way.label) for way in usable]
