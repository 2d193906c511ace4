"""Forms of the method page: the interview, and the signed choice."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.matching import methods_known
from openkap.apps.assessment.options_shown import in_language
from openkap.knowledge.schema.method_match import MethodMatch


class InterviewForm(forms.Form):
    """Every marker, 0 to 10; one left open was not asked."""

    def __init__(self, table: MethodMatch, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "interview-%s")
        super().__init__(*args, **kwargs)
        self.table = table
        ratings = [("", gettext("not asked"))] + [(str(n), str(n)) for n in range(11)]
        for marker in table.markers:
            self.fields[marker.id] = forms.ChoiceField(
                label=in_language(marker.question), choices=ratings, required=False
            )
        self.fields["asked_on"] = forms.DateField(
            label=_("Asked on"),
            initial=timezone.localdate(),
            required=False,
            widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        )

    def ratings(self) -> dict[str, int]:
        """The markers that were asked about."""
        given = ((marker.id, self.cleaned_data.get(marker.id, "")) for marker in self.table.markers)
        return {marker: int(value) for marker, value in given if value}


class ChoiceForm(forms.Form):
    """The method therapy begins with, and why."""

    method = forms.ChoiceField(label=_("Therapy begins with"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What speaks for it in this person, and what the patient thinks."),
    )

    def __init__(self, table: MethodMatch, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "choice-%s")
        super().__init__(*args, **kwargs)
        names = {one.id: in_language(one.title) for one in methods_known()}
        method = self.fields["method"]
        assert isinstance(method, forms.ChoiceField)  # noqa: S101  declared above
        method.choices = [("", "---")] + [
            (one.method, names.get(one.method, one.method)) for one in table.methods
        ]
