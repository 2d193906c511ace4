"""What a person enters about tasks and alerts."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CompleteForm(forms.Form):
    """Closing a task as done."""

    outcome = forms.CharField(
        label=_("What was done"), required=False, max_length=2000, widget=forms.TextInput()
    )


class CancelForm(forms.Form):
    """Closing a task as no longer needed."""

    reason = forms.CharField(label=_("Why is it no longer needed?"), max_length=2000, widget=forms.TextInput())


class AcknowledgeForm(forms.Form):
    """Answering an alert."""

    what_was_done = forms.CharField(
        label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    # how much of the alert was there to read; see `acknowledge_alert`
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())
