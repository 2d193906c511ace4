"""Forms of the journal and of practice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.journal.models import Entry
from openkap.apps.journal.operations import LONGEST, LONGEST_TITLE


class EntryForm(forms.Form):
    """One entry."""

    kind = forms.ChoiceField(
        label=_("What is it"), choices=Entry.Kind.choices, widget=forms.RadioSelect, initial=Entry.Kind.NOTICED
    )
    text = forms.CharField(label=_("In your words"), max_length=LONGEST, widget=forms.Textarea({"rows": 5}))
    share = forms.BooleanField(
        label=_("My care team may read it"),
        required=False,
        help_text=_("Without this nobody but you can open it. You can change it later."),
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
