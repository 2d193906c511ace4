"""Forms made from an instrument's record: one question per field."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openkap.apps.measures.models import Mode, Response
from openkap.apps.measures.operations import Entry
from openkap.apps.sites.rows import new_id
from openkap.core.psychometrics import Answer, NotAnswered, in_language
from openkap.knowledge.schema.instrument import Instrument, Item

LEFT_OUT = [(NotAnswered.SKIP.value, _("Left blank")), (NotAnswered.REFUSED.value, _("Did not want to answer"))]
NO_ANSWER = _("Choose an answer, or say that there is none.")


class CircumstancesForm(forms.Form):
    """When and how it was filled in. `zone`: the site's; times are entered and shown in it."""

    administered_at = forms.DateTimeField(
        label=_("Filled in at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    mode = forms.ChoiceField(label=_("How it was filled in"), choices=Mode.choices)
    entry_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, instrument: Instrument, zone: ZoneInfo, now: datetime, **options: Any
    ) -> None:
        self.instrument = instrument
        self.zone = zone
        local = now.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
        options["initial"] = {"administered_at": local, "entry_id": new_id()} | options.get("initial", {})
        super().__init__(*args, **options)

    def clean_administered_at(self) -> datetime:
        """The moment meant by the local time that was entered."""
        entered: datetime = self.cleaned_data["administered_at"]
        return timezone.make_naive(entered).replace(tzinfo=self.zone)

    def show(self, response: Response) -> None:
        """Start from an entry that is to be corrected."""
        kept: dict[str, Any] = {
            "administered_at": response.administered_at.astimezone(self.zone).replace(tzinfo=None),
            "mode": response.mode,
            "total": response.total,
            **{field_name(item): str(answer) for item, answer in response.answers.items()},
        }
        self.initial = {**self.initial, **kept}


class AnswersForm(CircumstancesForm):
    """The questions of an instrument, in order, in one language."""

    def __init__(self, *args: Any, language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.language = language
        questions: dict[str, forms.Field] = {}
        for number, item in enumerate(self.instrument.items, 1):
            questions[field_name(item.id)] = self._question(item, f"{number}. ", required=True)
        for item in self.instrument.unscored_items:
            questions[field_name(item.id)] = self._question(item, "", required=False)
        self.fields = {**questions, **self.fields}

    def _question(self, item: Item, before: str, *, required: bool) -> forms.ChoiceField:
        offered = [
            (str(choice.value), f"{choice.value} · {in_language(choice.label, self.language)}")
            for choice in self.instrument.choices_of(item)
        ]
        words = in_language(item.text, self.language) if item.text else item.id
        return forms.ChoiceField(
            label=f"{before}{words}",
            choices=[*offered, *LEFT_OUT] if required else offered,
            widget=forms.RadioSelect,
            required=required,
            error_messages={"required": NO_ANSWER},
        )

    def entry(self) -> Entry:
        """What the form says, for the operation."""
        given = {
            item.id: self.cleaned_data[field_name(item.id)]
            for item in (*self.instrument.items, *self.instrument.unscored_items)
        }
        return Entry(
            instrument_id=self.instrument.id,
            administered_at=self.cleaned_data["administered_at"],
            answers={item: _answer(text) for item, text in given.items() if text},
            mode=self.cleaned_data["mode"],
            language=self.language,
        )


class TotalForm(CircumstancesForm):
    """The total of a form that was scored elsewhere."""

    field_order = ("total", "administered_at", "mode")
    total = forms.IntegerField(label=_("Total"))

    def __init__(self, *args: Any, language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.language = language
        lowest, highest = self.instrument.range.lowest, self.instrument.range.highest
        self.fields["total"].help_text = _("A whole number from %(lowest)s to %(highest)s.") % {
            "lowest": lowest,
            "highest": highest,
        }
        self.fields["total"].widget.attrs |= {"min": lowest, "max": highest, "inputmode": "numeric"}

    def entry(self) -> Entry:
        return Entry(
            instrument_id=self.instrument.id,
            administered_at=self.cleaned_data["administered_at"],
            total=self.cleaned_data["total"],
            mode=self.cleaned_data["mode"],
            language=self.language,
        )


class ReasonForm(forms.Form):
    """Why an entry is corrected; shown with the form that corrects it."""

    reason = forms.CharField(label=_("What was wrong"), max_length=300)


def field_name(item_id: str) -> str:
    """The name of a question's field."""
    return f"item_{item_id}"


def _answer(text: str) -> Answer:
    return int(text) if text.isdigit() else NotAnswered(text)
