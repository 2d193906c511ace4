"""Forms made from an instrument's record: one question per field."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openkap.apps.measures.models import Mode, Response
from openkap.apps.measures.operations import Entry
from openkap.apps.measures.words import DOMAIN_WORDS, LANGUAGE_NAMES
from openkap.apps.people.stages import Indication
from openkap.apps.sites.rows import new_id
from openkap.core.psychometrics import Answer, NotAnswered, asked_items, in_language
from openkap.knowledge.schema.instrument import Instrument, Item, Range, Respondent, Wording

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LEFT_OUT = [(NotAnswered.SKIP.value, _("Left blank")), (NotAnswered.REFUSED.value, _("Did not want to answer"))]
RULED_OUT = _("Not asked if the answers above rule it out; leave it then.")
NO_ANSWER = _("Choose an answer, or say that there is none.")
ANY = ("", _("any"))
WHOLE_NUMBER = _("A whole number from %(lowest)s to %(highest)s.")


class LibraryForm(forms.Form):
    """What the library is narrowed to; every field is optional."""

    q = forms.CharField(
        label=_("Name or word"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    about = forms.ChoiceField(
        label=_("About"), required=False, choices=[ANY, *((d.value, word) for d, word in DOMAIN_WORDS.items())]
    )
    main_for = forms.ChoiceField(label=_("Mainly for"), required=False, choices=[ANY, *Indication.choices])
    words = forms.ChoiceField(
        label=_("Words"),
        required=False,
        choices=[
            ANY,
            (Wording.SHIPPED.value, _("Words here")),
            (Wording.LOCAL_PACK.value, _("Licensed here")),
            (Wording.SCORE_ONLY.value, _("Score only")),
        ],
    )
    by = forms.ChoiceField(
        label=_("Answered by"),
        required=False,
        choices=[
            ANY,
            (Respondent.PATIENT.value, _("the person")),
            (Respondent.CLINICIAN.value, _("a clinician")),
        ],
    )
    language = forms.ChoiceField(label=_("In"), required=False, choices=[ANY, *LANGUAGE_NAMES.items()])


class CircumstancesForm(forms.Form):
    """When and how it was filled in. `zone`: the site's; times are entered and shown in it.

    `raters`: who may have rated what a clinician fills in, id and name; the one who enters it by default.
    """

    administered_at = forms.DateTimeField(
        label=_("Filled in at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    mode = forms.ChoiceField(label=_("How it was filled in"), choices=Mode.choices)
    entry_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        instrument: Instrument,
        zone: ZoneInfo,
        now: datetime,
        raters: Sequence[tuple[str, str]] = (),
        **options: Any,
    ) -> None:
        self.instrument = instrument
        self.zone = zone
        local = now.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
        usual = {"administered_at": local, "entry_id": new_id(), "mode": self.usual_mode(instrument)}
        options["initial"] = usual | options.get("initial", {})
        super().__init__(*args, **options)
        if raters:
            self.fields["rater"] = forms.ChoiceField(label=_("Rated by"), choices=raters, required=False)

    def usual_mode(self, instrument: Instrument) -> str:
        """How such a form is mostly filled in: what staff may leave as it is."""
        return (Mode.INTERVIEW if instrument.respondent is Respondent.CLINICIAN else Mode.SCREEN).value

    def clean_administered_at(self) -> datetime:
        """The moment meant by the local time that was entered."""
        entered: datetime = self.cleaned_data["administered_at"]
        return timezone.make_naive(entered).replace(tzinfo=self.zone)

    def show(self, response: Response) -> None:
        """Start from an entry that is to be corrected."""
        kept: dict[str, Any] = {
            "administered_at": response.administered_at.astimezone(self.zone).replace(tzinfo=None),
            "mode": response.mode,
            "rater": str(response.rater.public_id) if response.rater else "",
            "total": response.total,
            **{field_name(item): str(answer) for item, answer in response.answers.items()},
            **{part_name(part): points for part, points in response.subscales.items()},
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
        offered = offered_answers(self.instrument, item, self.language)
        words = asked_in_words(item, self.language)
        return forms.ChoiceField(
            label=f"{before}{words}",
            choices=[*offered, *LEFT_OUT] if required else offered,
            widget=forms.RadioSelect,
            required=required,
            error_messages={"required": NO_ANSWER},
            help_text=RULED_OUT if item.asked_when else "",
        )

    def clean(self) -> dict[str, Any]:
        """Questions that the answers above rule out need no answer."""
        cleaned = super().clean() or self.cleaned_data
        given = {
            item.id: _answer(cleaned[field_name(item.id)])
            for item in self.instrument.items
            if cleaned.get(field_name(item.id))
        }
        for item, asked in asked_items(self.instrument, given).items():
            if asked is False and item not in given:
                self.errors.pop(field_name(item), None)
                cleaned[field_name(item)] = NotAnswered.SKIP.value
        return cleaned

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

    def __init__(self, *args: Any, language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.language = language
        scores: dict[str, forms.Field] = {}
        if self.instrument.has_total:
            scores["total"] = self._points(_("Total"), self.instrument.range, required=True)
        for part in self.instrument.subscales:
            title = in_language(part.title, language) or part.title.en
            alone = not self.instrument.has_total
            scores[part_name(part.id)] = self._points(title, part.range, required=alone)
        self.fields = {**scores, **self.fields}

    def usual_mode(self, instrument: Instrument) -> str:
        """A total comes from a form on paper, unless a clinician rated."""
        return (Mode.INTERVIEW if instrument.respondent is Respondent.CLINICIAN else Mode.PAPER).value

    def _points(self, label: "str | _StrPromise", reach: Range, *, required: bool) -> forms.Field:
        decimals = self.instrument.decimals
        words = {"lowest": reach.lowest, "highest": reach.highest}
        text = _("From %(lowest)s to %(highest)s.") if decimals else WHOLE_NUMBER
        attributes = {
            "min": reach.lowest,
            "max": reach.highest,
            "inputmode": "decimal" if decimals else "numeric",
            "step": 10**-decimals,
        }
        kind = forms.FloatField if decimals else forms.IntegerField
        said = text % words
        limits = [MinValueValidator(reach.lowest, said), MaxValueValidator(reach.highest, said)]
        field: forms.Field = kind(
            label=label,
            help_text=said,
            required=required,
            validators=limits,
            error_messages={"invalid": said, "required": said},
        )
        field.widget.attrs |= attributes
        return field

    def entry(self) -> Entry:
        parts = {part.id: self.cleaned_data.get(part_name(part.id)) for part in self.instrument.subscales}
        return Entry(
            instrument_id=self.instrument.id,
            administered_at=self.cleaned_data["administered_at"],
            total=self.cleaned_data.get("total"),
            subscales={part: points for part, points in parts.items() if points is not None},
            mode=self.cleaned_data["mode"],
            language=self.language,
        )


class ReasonForm(forms.Form):
    """Why an entry is corrected; shown with the form that corrects it."""

    reason = forms.CharField(label=_("What was wrong"), max_length=300)


def field_name(item_id: str) -> str:
    """The name of a question's field."""
    return f"item_{item_id}"


def asked_in_words(item: Item, language: str) -> str:
    """The question with the words over it."""
    parts = [in_language(text, language) for text in (item.lead, item.text) if text]
    return " ".join(part for part in parts if part) or item.id


def part_name(subscale_id: str) -> str:
    """The name of a subscale's field."""
    return f"part_{subscale_id}"


def offered_answers(instrument: Instrument, item: Item, language: str) -> list[tuple[str, str]]:
    """The answers of an item, value and words; of a scale the ends have words and the rest are numbers."""
    scale = instrument.scales.get(item.choices)
    if scale is None:
        return [
            (str(choice.value), f"{choice.value} · {in_language(choice.label, language)}")
            for choice in instrument.choices_of(item)
        ]
    ends = {scale.lowest: in_language(scale.low, language), scale.highest: in_language(scale.high, language)}
    return [
        (str(n), f"{n} · {ends[n]}" if n in ends else str(n))
        for n in (choice.value for choice in scale.choices)
    ]


def _answer(text: str) -> Answer:
    return int(text) if text.isdigit() else NotAnswered(text)
