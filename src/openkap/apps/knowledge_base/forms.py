"""Finding a record, and deciding on one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.knowledge_base import words
from openkap.knowledge import State
from openkap.knowledge.schema.record import Authority, Verification

ANY = ("", _("any"))


def _choices(names: Any) -> list[tuple[str, Any]]:
    return [ANY, *((str(key), name) for key, name in names.items())]


class FindForm(forms.Form):
    """What the list is narrowed to; every field is optional."""

    q = forms.CharField(
        label=_("Rule, drug, source or author"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=_choices(words.KIND_NAMES), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            *_choices({state.value: words.STATE_NAMES[state] for state in State}),
            ("waiting", _("waits for a decision")),
            ("overdue", _("review overdue")),
        ],
        required=False,
    )
    verification = forms.ChoiceField(
        label=_("Verification"),
        choices=_choices({item.value: words.VERIFICATION_NAMES[item] for item in Verification}),
        required=False,
    )
    authority = forms.ChoiceField(
        label=_("Authority"),
        choices=_choices({item.value: words.AUTHORITY_NAMES[item] for item in Authority}),
        required=False,
    )


class SignOffForm(forms.Form):
    """The director's decision on the version shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("adopt", _("Adopt: it may act here")), ("reject", _("Reject: it does not act here"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to reject. To adopt, note where you read it: source, page, date."),
    )
    everywhere = forms.BooleanField(label=_("Decide for all sites"), required=False)


class PackForm(forms.Form):
    """The words of a questionnaire, under the site's own licence."""

    file = forms.FileField(
        label=_("Wording pack"), help_text=_("The YAML file with the items and their words.")
    )
    licence = forms.CharField(
        label=_("Licence"),
        max_length=500,
        help_text=_("Number, letter or contract by which this site may use the words."),
    )
    expires_on = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    answers_for_it = forms.BooleanField(
        label=_("I have seen the licence, and it lets this site use these words in this software.")
    )
