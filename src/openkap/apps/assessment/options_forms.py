"""Forms of the decision aid: wishes, how each option stands, whom the figures are for, prices."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.choosing import Tried
from openkap.apps.assessment.models import Matter, OptionPrice, OptionsTalk, Preferences
from openkap.apps.assessment.operations.preferences import LONGEST, Considered, Price, Wishes
from openkap.apps.assessment.options_shown import OptionShown
from openkap.knowledge.schema.evidence import Setting

MOST_TRIALS = 3  # the last choice reads 'three or more'
ZERO_TO_TEN = [("", _("not said"))] + [(str(n), str(n)) for n in range(11)]


def _words(label: object, hint: object = "", rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # a lazy text
        help_text=hint,  # type: ignore[arg-type]
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": rows}),
    )


class WishesForm(forms.Form):
    """What matters to the patient; in the portal they fill it in themselves."""

    matters = forms.MultipleChoiceField(
        label=_("What matters most"),
        choices=Matter.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    own_words = _words(_("In your own words"))
    goals = _words(_("What you hope for"), _("Such as what you would do again if you felt better."))
    fears = _words(_("What worries you"))
    questions = _words(_("Questions to bring"))
    leaning = forms.ChoiceField(label=_("What you lean towards"), required=False)
    expectancy = forms.ChoiceField(
        label=_("How much do you think treatment will help you?"),
        choices=ZERO_TO_TEN,
        required=False,
        help_text=_("0 is not at all, 10 is completely."),
    )

    def __init__(self, options: Iterable[OptionShown], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "wishes-%s")
        super().__init__(*args, **kwargs)
        leaning = self.fields["leaning"]
        assert isinstance(leaning, forms.ChoiceField)  # noqa: S101  declared above
        leaning.choices = [("", gettext("not sure yet"))] + [(one.id, one.name) for one in options]

    def wishes(self) -> Wishes:
        """What was said, for the operation."""
        data = self.cleaned_data
        expectancy = data["expectancy"]
        return Wishes(
            matters=tuple(data["matters"]),
            expectancy=int(expectancy) if expectancy else None,
            **{name: data[name] for name in ("own_words", "goals", "fears", "questions", "leaning")},
        )


def initial_of(said: Preferences | None) -> dict[str, Any]:
    """What was noted last, as the form shows it."""
    if said is None:
        return {}
    names = ("matters", "own_words", "goals", "fears", "questions", "leaning")
    expectancy = "" if said.expectancy is None else str(said.expectancy)
    return {name: getattr(said, name) for name in names} | {"expectancy": expectancy}


class CircumstancesForm(forms.Form):
    """Whom the figures are for."""

    failed = forms.TypedChoiceField(
        label=_("Medicines that did not help enough"), coerce=int, empty_value=None, required=False
    )
    setting = forms.ChoiceField(
        label=_("Treated"),
        required=False,
        choices=[
            (Setting.OUTPATIENT.value, _("outside a hospital")),
            (Setting.INPATIENT.value, _("in hospital")),
        ],
    )

    def __init__(self, recorded: Tried, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "circumstances-%s")
        super().__init__(*args, **kwargs)
        self.recorded = recorded
        numbers = [(n, str(n)) for n in range(MOST_TRIALS)] + [(MOST_TRIALS, gettext("3 or more"))]
        failed = self.fields["failed"]
        assert isinstance(failed, forms.TypedChoiceField)  # noqa: S101  declared above
        failed.choices = [("", recorded_words(recorded)), *numbers]

    def chosen(self) -> tuple[Tried, Setting]:
        """What was asked for; what cannot be read counts as not asked."""
        data = self.cleaned_data if self.is_valid() else {}
        failed = data.get("failed")
        setting = Setting(data.get("setting") or Setting.OUTPATIENT)
        return (self.recorded if failed is None else Tried(failed)), setting

    def in_words(self) -> list[tuple[str, str]]:
        """Each field by name with what counts now."""
        tried, setting = self.chosen()
        failed = recorded_words(tried) if tried is self.recorded else str(tried.failed)
        if tried is not self.recorded and tried.failed == MOST_TRIALS:
            failed = gettext("3 or more")
        where = dict(self.fields["setting"].choices)[setting.value]  # type: ignore[attr-defined]
        return [(str(self.fields["failed"].label), failed), (str(self.fields["setting"].label), str(where))]


def recorded_words(recorded: Tried) -> str:
    """What the history says of medicines that failed."""
    if recorded.failed is None:
        return gettext("not known: no history yet")
    if recorded.or_more:
        return gettext("as recorded: %(n)s, perhaps more") % {"n": recorded.failed}
    return gettext("as recorded: %(n)s") % {"n": recorded.failed}


class TalkForm(forms.Form):
    """How each option stands after going through them with the patient."""

    note = _words(_("What was said"))

    def __init__(self, options: Iterable[OptionShown], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "talk-%s")
        super().__init__(*args, **kwargs)
        self.options = tuple(options)
        standings = [("", gettext("not talked about")), *OptionsTalk.Standing.choices]
        for one in self.options:
            self.fields[one.id] = forms.ChoiceField(label=one.name, choices=standings, required=False)
        self.order_fields([*(one.id for one in self.options), "note"])

    def considered(self) -> list[Considered]:
        """The options that were talked about."""
        standings = ((one.id, self.cleaned_data.get(one.id, "")) for one in self.options)
        return [Considered(option, standing) for option, standing in standings if standing]


class PriceForm(forms.Form):
    """What one option costs here; an empty amount takes the price back."""

    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=Decimal(0), max_digits=10, decimal_places=2
    )
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)
    per = forms.ChoiceField(label=_("For"), choices=OptionPrice.Per.choices, required=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=160,
        help_text=_("Such as whether a health plan covers it."),
    )

    def price(self) -> Price:
        """What was entered, for the operation."""
        data = self.cleaned_data
        return Price(data["amount"], data["currency"], data["per"], data["note"])
