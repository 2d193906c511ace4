"""Forms by which staff ask besides the cadence, skip, pause, or change it for one patient."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.measures.operations.asking import LONGEST_REASON
from openkap.apps.measures.queries import words
from openkap.knowledge.schema.cadence import Cadence
from openkap.knowledge.schema.instrument import Instrument


class WhyForm(forms.Form):
    """Nothing of this is done without a reason."""

    reason = forms.CharField(label=_("Why"), max_length=LONGEST_REASON)


class AskForm(WhyForm):
    """One questionnaire, now."""

    instrument = forms.ChoiceField(label=_("Questionnaire"))
    until = forms.DateField(label=_("Open until the end of"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("instrument", "until", "reason")

    def __init__(self, *args: Any, instruments: Iterable[Instrument], **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(one.id, f"{one.abbreviation}: {words(one.title)}") for one in instruments]
        self.fields["instrument"].choices = sorted(named, key=lambda pair: pair[1].casefold())  # type: ignore[attr-defined]


class PauseForm(WhyForm):
    """No asking for a while."""

    until = forms.DateField(
        label=_("Until the end of"),
        required=False,
        help_text=_("Leave it empty to pause until somebody lets asking go on."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ("until", "reason")


class BurdenForm(WhyForm):
    """A site's own limit."""

    minutes = forms.IntegerField(
        label=_("Minutes in a week, at most"),
        required=False,
        min_value=1,
        help_text=_("Leave it empty to go by the record of each cadence."),
    )
    field_order = ("minutes", "reason")


class SkipForm(WhyForm):
    """Asks that open together, to be skipped this once: `asks` are their names by key."""

    asks = forms.MultipleChoiceField(label=_("Skip"), widget=forms.CheckboxSelectMultiple)
    field_order = ("asks", "reason")

    def __init__(self, *args: Any, asks: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["asks"].choices = list(asks)  # type: ignore[attr-defined]


class ChangeForm(WhyForm):
    """By which record this patient is asked, and what is left out of it."""

    cadence = forms.ChoiceField(label=_("Ask by"), required=False)
    left_out = forms.MultipleChoiceField(
        label=_("Leave out"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("cadence", "left_out", "reason")

    def __init__(
        self, *args: Any, cadences: Iterable[Cadence], asked: Iterable[Instrument], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        by_rule = [("", _("As the rule has it"))]
        self.fields["cadence"].choices = by_rule + [(one.id, words(one.title)) for one in cadences]  # type: ignore[attr-defined]
        self.fields["left_out"].choices = [(one.id, one.abbreviation) for one in asked]  # type: ignore[attr-defined]
