"""Forms made from the topics, and the reviewer's."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.intake.queries import Point
from openkap.apps.intake.reviewing import Verdict
from openkap.apps.intake.topics import LONGEST, Field, Goes, Topic

TAKE, REFUSE = "take", "refuse"
MORE = {
    Goes.CONDITIONS: _("Since when"),
    Goes.MEDICINES: _("How much, how often"),
    Goes.ALLERGIES: _("What happens"),
}


class TopicForm(forms.Form):
    """One screen of the intake. Nothing is compulsory."""

    def __init__(self, topic: Topic, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in topic.fields:
            self.fields[field.name] = form_field(field)

    def answers(self) -> dict[str, str]:
        """What was typed, by field."""
        said = self.cleaned_data
        return {
            name: ("yes" if value is True else "" if value is False else value) for name, value in said.items()
        }


def form_field(field: Field) -> forms.Field:
    """The control of one question."""
    shared: dict[str, Any] = {"label": field.label, "help_text": field.hint, "required": False}
    if field.kind == "tick":
        return forms.BooleanField(**shared)
    if field.kind == "choice":
        return forms.ChoiceField(choices=field.choices, widget=forms.RadioSelect, **shared)
    attrs = {"autocomplete": field.autocomplete} if field.autocomplete else {}
    if field.kind in {"long", "lines"}:
        return forms.CharField(
            max_length=LONGEST, strip=False, widget=forms.Textarea(attrs | {"rows": 5}), **shared
        )
    widget = forms.TextInput(attrs | {"type": field.input_type})
    return forms.CharField(max_length=LONGEST, strip=False, widget=widget, **shared)


class PointForm(forms.Form):
    """What becomes of one thing the patient wrote."""

    decision = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=[("", _("later")), (TAKE, _("take over")), (REFUSE, _("leave out"))],
        required=False,
    )
    text = forms.CharField(label=_("As it shall stand in the record"), max_length=LONGEST, required=False)
    more = forms.CharField(max_length=300, required=False)

    def __init__(self, point: Point, data: Mapping[str, Any] | None) -> None:
        # What the record says already is left out unless somebody wants it twice.
        initial = {"text": point.said, "decision": REFUSE if point.is_same else ""}
        super().__init__(data, prefix=point.key, initial=initial)
        self.point = point
        if point.field.kind == "long":
            self.fields["text"].widget = forms.Textarea({"rows": 3})
        if point.field.kind in {"tick", "choice"}:
            self.fields["text"].widget = forms.HiddenInput()
        if point.field.goes in MORE:
            self.fields["more"].label = MORE[point.field.goes]
        else:
            del self.fields["more"]

    def verdict(self) -> Verdict | None:
        """The decision, or None where it waits."""
        said = self.cleaned_data
        if not said["decision"]:
            return None
        return Verdict(said["decision"] == TAKE, said["text"], said.get("more", ""))
