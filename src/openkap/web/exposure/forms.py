"""The form on which a dose is tried. What it holds is used once and never stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from openkap.apps.dosing.substances import ANALYTES, DRUGS, ROUTES, Words
from openkap.apps.knowledge_base.words import text_in
from openkap.core.pharmacology import Analyte, Drug, PkModel, Route, Sex
from openkap.core.pharmacology.interactions import Taken

MG, MG_PER_KG, DEVICES = "mg", "mg/kg", "devices"
UNITS = [
    (MG, _("mg, free base")),
    (MG_PER_KG, _("mg per kg, free base")),
    (DEVICES, _("spray devices")),
]
HOURS = [(2, _("2 hours")), (4, _("4 hours")), (8, _("8 hours")), (24, _("24 hours"))]
BOOSTERS = (1, 2)
AMOUNTS = ("amount", "booster_1_amount", "booster_2_amount", "other_amount")
POSITIVE = ("weight_kg", "age_years", "level", *AMOUNTS)
MOST_MINUTES = 24 * 60


class Number(forms.DecimalField):
    """A number with its unit beside it, on a number pad."""

    def __init__(self, unit: Words = "", **options: Any) -> None:
        attrs: dict[str, Any] = {"inputmode": "decimal", "autocomplete": "off"} | (
            {"unit": unit} if unit else {}
        )
        widget = forms.TextInput(attrs=attrs)
        super().__init__(widget=widget, max_digits=9, decimal_places=4, localize=False, **options)


def _minutes(label: Any, unit: str = "min", **options: Any) -> Number:
    return Number(unit, label=label, min_value=0, max_value=MOST_MINUTES, required=False, **options)


class ExposureForm(forms.Form):
    """One regimen, for one person, and what to show of it. Numbers are free base."""

    weight_kg = Number("kg", label=_("Weight"))
    age_years = Number(pgettext_lazy("years", "y"), label=_("Age"), required=False)
    sex = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=[("", _("Not stated")), (Sex.FEMALE, _("Female")), (Sex.MALE, _("Male"))],
    )
    from_session = forms.BooleanField(label=_("Start with what was given in today's session"), required=False)
    drug = forms.ChoiceField(label=_("Drug"), choices=list(DRUGS.items()))
    route = forms.ChoiceField(label=_("Route"), choices=list(ROUTES.items()))
    amount = Number(label=_("Amount"), error_messages={"required": _("Enter the amount.")})
    unit = forms.ChoiceField(label=_("Counted in"), choices=UNITS)
    duration = _minutes(_("Given over"), help_text=_("0 for at once; needed by vein and under the skin"))
    booster_1_amount = Number(label=_("Booster 1"), required=False)
    booster_1_at = _minutes(_("at minute"), "")
    booster_1_over = _minutes(_("for minutes"), "")
    booster_2_amount = Number(label=_("Booster 2"), required=False)
    booster_2_at = _minutes(_("at minute"), "")
    booster_2_over = _minutes(_("for minutes"), "")
    taken = forms.MultipleChoiceField(
        label=_("Taken with it, or so"), required=False, widget=forms.CheckboxSelectMultiple
    )
    model = forms.ChoiceField(label=_("Model"), required=False)
    analyte = forms.ChoiceField(label=_("Shown"), required=False)
    hours = forms.TypedChoiceField(label=_("Time shown"), choices=HOURS, coerce=int, initial=4)
    level = Number("ng/mL", label=_("Level to compare with"), required=False)
    compare = forms.BooleanField(label=_("Put a second regimen beside it"), required=False)
    other_drug = forms.ChoiceField(label=_("Drug"), choices=list(DRUGS.items()), required=False)
    other_route = forms.ChoiceField(label=_("Route"), choices=list(ROUTES.items()), required=False)
    other_amount = Number(label=_("Amount"), required=False)
    other_unit = forms.ChoiceField(label=_("Counted in"), choices=UNITS, required=False)
    other_duration = _minutes(_("Given over"), help_text=_("0 for at once"))
    other_model = forms.ChoiceField(label=_("Model"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        models: Mapping[str, PkModel],
        taken: Iterable[Taken],
        language: str,
        known: Sequence[str] = (),
        may_start: bool = False,
        **options: Any,
    ) -> None:
        """`known` names fields a patient's record answers; `may_start`: a session was given today."""
        super().__init__(data, **options)
        for name in (*known, *(() if may_start else ("from_session",))):
            del self.fields[name]
        choices = [("", _("Choose for me")), *((m.id, text_in(m.title, language)) for m in models.values())]
        analytes = [("", _("The drug itself")), *((str(a), ANALYTES[a]) for a in Analyte)]
        if self.data.get("from_session") and may_start:
            self.fields["amount"].required = False
        options_of: dict[str, list[tuple[Any, Any]]] = {
            "model": choices,
            "other_model": choices,
            "analyte": analytes,
        }
        options_of["taken"] = [(t.agent, text_in(t.name, language)) for t in taken]
        for name, offered in options_of.items():
            self._choices(name).choices = offered

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        return field

    def clean(self) -> dict[str, Any]:
        """Each part that is begun is whole; what is missing is said at its field."""
        cleaned = super().clean() or {}
        if not cleaned.get("from_session"):
            self._need_dose("", cleaned)
        elif cleaned.get("amount") is not None:
            self._once("amount", _("Leave this empty: what was given today is the start."))
        for number in BOOSTERS:
            self._whole_booster(f"booster_{number}", cleaned)
        if cleaned.get("compare"):
            self._need_dose("other_", cleaned)
        for name in POSITIVE:
            value = cleaned.get(name)
            if value is not None and value <= 0:
                self.add_error(name, _("This must be more than zero."))
        return cleaned

    def _need_dose(self, prefix: str, cleaned: dict[str, Any]) -> None:
        route, unit = cleaned.get(f"{prefix}route"), cleaned.get(f"{prefix}unit")
        if cleaned.get(f"{prefix}amount") is None:
            self._once(f"{prefix}amount", _("Enter the amount."))
        if route in {Route.IV, Route.SC} and cleaned.get(f"{prefix}duration") is None:
            self._once(f"{prefix}duration", _("Enter the minutes; 0 for at once."))
        self._fits(prefix, cleaned.get(f"{prefix}drug"), route, unit)

    def _fits(self, prefix: str, drug: Any, route: Any, unit: Any) -> None:
        """The spray is esketamine in devices, and nothing else is."""
        if route == Route.IN and drug == Drug.KETAMINE:
            self.add_error(f"{prefix}drug", _("The nasal product is esketamine; racemic spray is refused."))
        if route == Route.IN and unit and unit != DEVICES:
            self.add_error(f"{prefix}unit", _("The nasal spray is counted in devices."))
        if route and route != Route.IN and unit == DEVICES:
            self.add_error(f"{prefix}unit", _("Devices are for the nasal spray only."))

    def _whole_booster(self, name: str, cleaned: dict[str, Any]) -> None:
        amount, at = cleaned.get(f"{name}_amount"), cleaned.get(f"{name}_at")
        if amount is None and at is not None:
            self._once(f"{name}_amount", _("Enter the amount."))
        if amount is not None and at is None:
            self._once(f"{name}_at", _("Enter the minute."))

    def _once(self, name: str, words: Any) -> None:
        if name not in self.errors:
            self.add_error(name, words)
