"""What a therapist enters."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openkap.apps.therapy.methods import methods, said
from openkap.apps.therapy.operations import LONGEST, MOST_CHARACTERS, RATINGS, Content


class Moment(forms.DateTimeInput):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class NoteForm(forms.Form):
    """The note of an integration visit. Times are those of the site's clock."""

    began_at = forms.DateTimeField(label=_("Began"), widget=Moment())
    minutes = forms.IntegerField(
        label=_("Length"), min_value=1, max_value=LONGEST, widget=forms.NumberInput(attrs={"unit": "min"})
    )
    methods = forms.MultipleChoiceField(label=_("Method"), widget=forms.CheckboxSelectMultiple)
    goals = forms.CharField(
        label=_("Goals of this visit"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    what_happened = forms.CharField(
        label=_("What happened"), max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 6})
    )
    homework = forms.CharField(
        label=_("Until next time"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    rated = forms.CharField(
        label=_("Rated, in the patient's words"),
        required=False,
        max_length=120,
        help_text=_("Such as 'how disturbing the picture is', 0 to 10. Not a validated scale."),
    )
    rating_before = forms.TypedChoiceField(
        label=_("Before"), required=False, coerce=int, empty_value=None, choices=()
    )
    rating_after = forms.TypedChoiceField(
        label=_("After"), required=False, coerce=int, empty_value=None, choices=()
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        ratings = [("", _("not rated")), *((str(n), str(n)) for n in RATINGS)]
        for name, choices in (
            ("methods", [(one.id, said(one.title)) for one in methods().values()]),
            ("rating_before", ratings),
            ("rating_after", ratings),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
            field.choices = choices

    def clean_began_at(self) -> datetime:
        """The site's clock, whatever the server's."""
        entered: datetime = self.cleaned_data["began_at"]
        return timezone.make_naive(entered).replace(tzinfo=self.zone)

    def content(self) -> Content:
        """What was entered."""
        given = dict(self.cleaned_data)
        return Content(methods=tuple(given.pop("methods")), **given)


class AddendumForm(forms.Form):
    """Something to add to a signed note."""

    text = forms.CharField(
        label=_("Addendum"), max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 3})
    )


class ProcessNoteForm(forms.Form):
    """The therapist's own notes. Never kept as a draft: a draft would not be sealed."""

    text = forms.CharField(
        label=_("Process note"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
    )
