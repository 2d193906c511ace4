"""Forms of the chart: files to take over, values to enter."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from openkap.apps.chart.entries import ENTRIES
from openkap.apps.chart.models import ChartFact
from openkap.knowledge.schema.record import Text
from openkap.units import Quantity

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site
    from openkap.errors import BadInput

MOST_FILES = 25


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        given: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        if len(given) > MOST_FILES:
            message = ngettext_lazy("Choose at most %(n)d file.", "Choose at most %(n)d files.", MOST_FILES)
            raise forms.ValidationError(message % {"n": MOST_FILES})
        return [super(FilesField, self).clean(one, initial) for one in given or [None]]


class ImportForm(forms.Form):
    """Charts to take over."""

    charts = FilesField(
        label=_("FHIR R4 bundles"),
        help_text=_("JSON files of type transaction or collection, one patient each."),
    )
    is_another_person = forms.BooleanField(
        label=_("If a name and birth date are already registered, this is another person"), required=False
    )

    def __init__(self, sites: "list[Site]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"] = forms.ChoiceField(
            label=_("Site"),
            choices=[(str(site.public_id), site.name) for site in sites],
            widget=forms.Select if len(sites) > 1 else forms.HiddenInput,
            initial=str(sites[0].public_id) if sites else "",
        )
        self.order_fields(["site", "charts", "is_another_person"])


class ValuesForm(forms.Form):
    """Values measured here or brought along, one field for each record of `chart_entries`."""

    FIRST = ("blood-pressure-systolic", "blood-pressure-diastolic", "heart-rate", "body-weight", "body-height")

    def __init__(self, zone: str, now: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        rest = sorted((name for name in ENTRIES if name not in self.FIRST), key=_judged_last)
        for name in [*self.FIRST, *rest]:
            self.fields[name] = _field(name)
        self.fields["provenance"] = forms.ChoiceField(
            label=_("Where from"),
            choices=[
                (ChartFact.Provenance.MEASURED, _("Measured here")),
                (ChartFact.Provenance.ENTERED, _("From a letter, a laboratory or another clinic")),
            ],
            widget=forms.RadioSelect,
            initial=ChartFact.Provenance.MEASURED,
        )
        self.fields["measured_at"] = forms.DateTimeField(
            label=_("When"),
            initial=now.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M"),
            widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            help_text=_("The site's own time."),
        )

    def clean_measured_at(self) -> datetime:
        """The form speaks the site's time, whatever zone the server runs in."""
        typed: datetime = self.cleaned_data["measured_at"]
        return typed.replace(tzinfo=self.zone)

    def clean(self) -> dict[str, Any]:
        """At least one value."""
        cleaned = super().clean() or {}
        if not self.errors and not self.values():
            raise forms.ValidationError(_("Enter at least one value."))
        return cleaned

    def values(self) -> dict[str, Quantity]:
        """What was entered, by entry, in the entry's unit."""
        given = {name: self.cleaned_data.get(name) for name in ENTRIES}
        return {
            name: Quantity.of(number, ENTRIES[name].unit)
            for name, number in given.items()
            if number is not None
        }

    def refuse(self, error: "BadInput") -> None:
        """Show an operation's reason at the field it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def _judged_last(name: str) -> bool:
    """What a clinician judges comes after what was measured."""
    return ENTRIES[name].category == "exam"


def _field(name: str) -> forms.Field:
    entry = ENTRIES[name]
    shown = {"unit": entry.unit_shown, "inputmode": "decimal", "step": str(entry.step)}
    return forms.DecimalField(
        label=in_language(entry.title),
        required=False,
        max_digits=12,
        min_value=Decimal(entry.least),
        max_value=Decimal(entry.most),
        widget=forms.NumberInput(shown),
        help_text=in_language(entry.hint) if entry.hint else "",
    )


def in_language(text: Text) -> str:
    """Words of a knowledge record in the reader's language, else in English."""
    spanish = (get_language() or "").startswith("es")
    return text.es if spanish and text.es else text.en
