"""Forms of bringing a file: choose it, say what its columns are, choose among devices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.adapters.wearables import Columns, DayOrder, SleepUnit, Table, guess
from openkap.core.lifestyle import Found, Kind, devices

NONE = ""
KIND_WORDS = {Kind.STEPS: _("Steps"), Kind.ASLEEP: _("Sleep")}


class FileForm(forms.Form):
    """One exported file."""

    file = forms.FileField(
        label=_("The file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.xml,.csv,.json,.txt"}),
        help_text=_("Up to 300 MB. Only steps and sleep are read; places and heart rate are not."),
    )


class ColumnsForm(forms.Form):
    """Which column of a table is what."""

    day = forms.TypedChoiceField(label=_("The day is in"), coerce=int)
    order = forms.ChoiceField(
        label=_("A day is written as"),
        choices=[
            (DayOrder.YMD.value, _("year, month, day (2026-11-05)")),
            (DayOrder.DMY.value, _("day, month, year (05/11/2026)")),
            (DayOrder.MDY.value, _("month, day, year (11/05/2026)")),
        ],
    )
    steps = forms.TypedChoiceField(label=_("Steps are in"), coerce=int, empty_value=None, required=False)
    asleep = forms.TypedChoiceField(label=_("Time asleep is in"), coerce=int, empty_value=None, required=False)
    unit = forms.ChoiceField(
        label=_("Time asleep is written as"),
        choices=[
            (SleepUnit.MINUTES.value, _("minutes (402)")),
            (SleepUnit.HOURS.value, _("hours (6.7)")),
            (SleepUnit.CLOCK.value, _("hours and minutes (6:42)")),
        ],
    )

    def __init__(self, table: Table, *args: Any, **kwargs: Any) -> None:
        self.table = table
        found = guess(table)
        kwargs.setdefault("initial", {name: getattr(found, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        columns = [(n, header or f"({n + 1})") for n, header in enumerate(table.headers)]
        self._choices("day", columns)
        for name in ("steps", "asleep"):
            self._choices(name, [(NONE, _("nowhere")), *columns])

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as declared above
        field.choices = choices

    def columns(self) -> Columns:
        """What was said; for a form that is valid."""
        said = self.cleaned_data
        return Columns(
            said["day"], said["steps"], said["asleep"], DayOrder(said["order"]), SleepUnit(said["unit"])
        )


class DevicesForm(forms.Form):
    """Which device counts where several counted; a kind with one device asks nothing."""

    def __init__(self, found: Found, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            names = [name for name, _n in devices(found, kind)]
            if len(names) > 1:
                self.fields[kind.value] = forms.ChoiceField(
                    label=KIND_WORDS[kind],
                    choices=[(name, name or _("a device without a name")) for name in names],
                    required=False,
                    initial=names[0],
                )

    def preferred(self) -> dict[Kind, str]:
        """What was chosen; for a form that is valid."""
        return {Kind(name): chosen for name, chosen in self.cleaned_data.items() if chosen}
