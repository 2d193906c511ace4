"""Forms of the assessment page."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.models import Drug, Route, SignedAssessment
from openkap.apps.chart.replies import REPLIES
from openkap.apps.people.stages import Indication

if TYPE_CHECKING:
    from openkap.errors import OpenkapError


class _OnOnePage(forms.Form):
    """Several of these stand on one page: each names its controls in its own way."""

    ids = "form"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.ids}-%s")
        super().__init__(*args, **kwargs)


class IndicationForm(_OnOnePage):
    """What is to be treated, and how."""

    ids = "indication"

    indication = forms.ChoiceField(label=_("Indication"), choices=Indication.choices)
    drug = forms.ChoiceField(label=_("Drug"), choices=Drug.choices)
    route = forms.ChoiceField(label=_("Route"), choices=Route.choices)
    specific_fears = forms.CharField(
        label=_("What is feared"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("In the patient's own words."),
    )


class AnswersForm(_OnOnePage):
    """The questions that are still open, each to be answered or left for later."""

    ids = "answer"

    def __init__(self, questions: Mapping[str, str], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for concept, question in questions.items():
            self.fields[concept] = forms.ChoiceField(
                label=question, choices=REPLIES, required=False, widget=forms.RadioSelect
            )
        self.fields["asked_on"] = forms.DateField(
            label=_("Asked on"), initial=today, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
        )
        self.fields["note"] = forms.CharField(
            label=_("Note"),
            required=False,
            max_length=1000,
            help_text=_("Such as the result and date of a test."),
        )

    def answered(self) -> dict[str, str]:
        """The replies given, by concept."""
        return {concept: reply for concept in self.questions if (reply := self.cleaned_data.get(concept))}


class NoteForm(_OnOnePage):
    """One sign that nobody asked for."""

    ids = "note"

    concept = forms.ChoiceField(label=_("Sign"))
    reply = forms.ChoiceField(label=_("Is it so?"), choices=REPLIES, widget=forms.RadioSelect)
    asked_on = forms.DateField(label=_("Asked on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    note = forms.CharField(label=_("Note"), required=False, max_length=1000)

    def __init__(self, signs: Mapping[str, str], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["concept"].choices = [("", _("Choose")), *signs.items()]  # type: ignore[attr-defined]
        self.fields["asked_on"].initial = today


class OverrideForm(_OnOnePage):
    """Why a finding is set aside, and until when."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 3}))
    expires_on = forms.DateField(
        label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), required=False
    )

    def __init__(self, rule_id: str, *args: Any, **kwargs: Any) -> None:
        self.rule_id = self.ids = rule_id
        super().__init__(*args, **kwargs)


class DecisionForm(_OnOnePage):
    """What was decided."""

    ids = "decision"

    decision = forms.ChoiceField(
        label=_("Decision"), choices=SignedAssessment.Decision.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )


class EndForm(_OnOnePage):
    """Why the episode ends."""

    ids = "end"

    reason = forms.CharField(label=_("Reason"), max_length=500)


def refuse(form: forms.Form, error: "OpenkapError") -> None:
    """Show an operation's reason at the field it names."""
    form.add_error(error.field if error.field in form.fields else None, str(error))
