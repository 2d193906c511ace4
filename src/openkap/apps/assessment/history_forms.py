"""Forms of the step 'History': a short one for each kind of treatment, the spell, screens, conclusion."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.assessment.models import DifferentialDecision
from openkap.apps.assessment.models.treatment import (
    Benefit,
    Ended,
    Kind,
    Known,
    Laterality,
    Role,
    Spell,
    ToldBy,
)
from openkap.apps.assessment.naming import Names
from openkap.apps.assessment.operations.treatment import Tried
from openkap.apps.chart.forms import in_language
from openkap.errors import BadInput
from openkap.knowledge.schema.screen import Question, Screen
from openkap.knowledge.schema.staging import Severity
from openkap.units.partial_dates import PartialDate, Precision

if TYPE_CHECKING:
    from openkap.apps.assessment.models import PastTreatment, PresentSpell, ScreenReply

Words = str | Promise
DAILY_UNITS = (
    ("mg/d", _("mg a day")),
    ("ug/d", _("µg a day")),
    ("g/d", _("g a day")),
    ("mg", _("mg each time")),
)
SINGLE_UNITS = (("mg", _("mg")), ("mg/kg", _("mg per kg")))


class PartialDateInput(forms.CharField):
    """A date as far as it is known: 2023, 2023-05 or 2023-05-14."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("help_text", _("As far as known: 2023, 2023-05 or 2023-05-14."))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            day = PartialDate.parse(text)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error
        if day.precision is Precision.INSTANT:
            raise forms.ValidationError(_("Only the day is needed."))
        return day

    def prepare_value(self, value: Any) -> Any:
        return value.day if isinstance(value, PartialDate) else value


def _known(label: Any, **how: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=Known.choices, initial=Known.UNKNOWN, widget=forms.RadioSelect, **how
    )


def _number(label: Any, **how: Any) -> forms.DecimalField:
    places = how.pop("decimal_places", 1)
    unit = how.pop("unit", "")
    shown = {"inputmode": "decimal", "step": "any"} | ({"unit": unit} if unit else {})
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=6 if places == 1 else 10,
        decimal_places=places,
        widget=forms.NumberInput(shown),
        **how,
    )


class TreatmentForm(forms.Form):
    """One treatment tried. A subclass per kind names its own fields and how they are grouped."""

    kind: ClassVar[str]
    groups: ClassVar[tuple[tuple[Words, tuple[str, ...]], ...]]

    name: forms.Field = forms.CharField(label=_("What"), max_length=120)
    spell = forms.ChoiceField(
        label=_("In which spell of illness"),
        choices=Spell.choices,
        widget=forms.RadioSelect,
        initial=Spell.PRESENT,
    )
    began = PartialDateInput(label=_("Began"))
    ended = PartialDateInput(label=_("Ended"))
    why_ended = forms.ChoiceField(label=_("Why it ended"), choices=Ended.choices, initial=Ended.UNKNOWN)
    told_by = forms.ChoiceField(label=_("Known from"), choices=ToldBy.choices, initial=ToldBy.PATIENT)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, names: Names, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    @property
    def fieldsets(self) -> list[tuple[Words, list[forms.BoundField]]]:
        """The fields by group, for the template."""
        return [(title, [self[name] for name in names]) for title, names in self.groups]

    def tried(self) -> Tried:
        """What was entered. A name of the list is that treatment; another is free text."""
        known = {field.name for field in fields(Tried)}
        given = {
            name: value for name, value in self.cleaned_data.items() if name in known and value is not None
        }
        treatment = self.names.by_name(self.cleaned_data["name"], self.kind)
        return Tried(**given | {"kind": self.kind, "treatment": treatment})

    def refuse(self, error: BadInput) -> None:
        """Show an operation's reason at the field it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class DrugForm(TreatmentForm):
    """A medicine."""

    kind = Kind.DRUG
    groups = (
        (_("Medicine"), ("name", "drug_class", "role", "added_to")),
        (_("Dose"), ("dose", "dose_unit", "dose_adequate", "taken_as_agreed")),
        (_("How long"), ("began", "ended", "weeks", "why_ended", "no_response_clear")),
        (_("How much better"), ("percent_better", "measure", "score_before", "score_after")),
        (_("Context"), ("spell", "told_by", "note")),
    )
    role = forms.ChoiceField(
        label=_("Given"), choices=Role.choices, widget=forms.RadioSelect, initial=Role.MAIN
    )
    added_to = forms.CharField(label=_("Added to"), required=False, max_length=120)
    dose = _number(_("Highest dose reached"), decimal_places=3)
    dose_unit = forms.ChoiceField(label=_("Unit"), choices=DAILY_UNITS)
    dose_adequate = _known(
        _("Was the dose adequate?"), help_text=_("Your judgement: OpenKAP holds no table of least doses.")
    )
    taken_as_agreed = _known(_("Was it taken as agreed?"))
    weeks = _number(_("Weeks at that dose"), unit=_("weeks"), help_text=_("Else the dates count."))
    no_response_clear = _known(_("If stopped early: was it already clear that it did not work?"))
    percent_better = _number(
        _("Better by"),
        unit="%",
        help_text=_("0 is no change, below 0 is worse. Where nobody measured, your estimate."),
    )
    measure = forms.CharField(label=_("Or by a measure"), required=False, max_length=60)
    score_before = _number(_("Score before"))
    score_after = _number(_("Score after"), help_text=_("The percentage is computed from the two."))

    def __init__(self, names: Names, *args: Any, **kwargs: Any) -> None:
        super().__init__(names, *args, **kwargs)
        self.fields["name"].widget = forms.TextInput({"list": "treatments", "autocomplete": "off"})
        self.fields["name"].help_text = _("Type the first letters, or any other name.")
        offered = [("", _("not known")), *names.drug_classes()]
        self.fields["drug_class"] = forms.ChoiceField(
            label=_("Class"),
            required=False,
            choices=offered,
            help_text=_("Only for a medicine that is not in the list."),
        )


class PsychotherapyForm(TreatmentForm):
    """A psychotherapy."""

    kind = Kind.PSYCHOTHERAPY
    groups = (
        (_("Psychotherapy"), ("name", "sessions", "structured", "full_course")),
        (_("When"), ("began", "ended", "why_ended")),
        (_("Effect"), ("benefit", "percent_better")),
        (_("Context"), ("spell", "told_by", "note")),
    )
    sessions = forms.IntegerField(label=_("Sessions"), required=False, min_value=0, max_value=5000)
    structured = _known(_("Was it structured, by a manual?"))
    full_course = _known(_("Was it a full course?"))
    benefit = forms.ChoiceField(
        label=_("What it did"), choices=Benefit.choices, widget=forms.RadioSelect, initial=Benefit.UNKNOWN
    )
    percent_better = _number(_("Better by"), unit="%")

    def __init__(self, names: Names, *args: Any, **kwargs: Any) -> None:
        super().__init__(names, *args, **kwargs)
        self.fields["name"].widget = forms.TextInput({"list": "treatments", "autocomplete": "off"})


class StimulationForm(TreatmentForm):
    """ECT."""

    kind = Kind.ECT
    groups = (
        (_("Treatment"), ("sessions", "laterality", "full_course")),
        (_("When"), ("began", "ended", "why_ended")),
        (_("Effect"), ("benefit", "percent_better")),
        (_("Context"), ("spell", "told_by", "note")),
    )
    name = forms.CharField(required=False, widget=forms.HiddenInput)
    sessions = forms.IntegerField(label=_("Sessions"), required=False, min_value=0, max_value=1000)
    laterality = forms.ChoiceField(
        label=_("Where"), choices=Laterality.choices, widget=forms.RadioSelect, initial=Laterality.UNKNOWN
    )
    full_course = _known(_("Was it a full course at an adequate intensity?"))
    benefit = forms.ChoiceField(
        label=_("What it did"), choices=Benefit.choices, widget=forms.RadioSelect, initial=Benefit.UNKNOWN
    )
    percent_better = _number(_("Better by"), unit="%")

    def clean_name(self) -> str:
        """It is called what it is."""
        return {Kind.ECT: "ECT", Kind.TMS: "TMS"}[Kind(self.kind)]


class MagneticForm(StimulationForm):
    """TMS."""

    kind = Kind.TMS


class KetamineForm(TreatmentForm):
    """Ketamine or esketamine given before."""

    kind = Kind.KETAMINE
    groups = (
        (_("Treatment"), ("name", "route", "sessions", "dose", "dose_unit")),
        (_("When"), ("began", "ended", "why_ended")),
        (_("Effect"), ("benefit", "percent_better")),
        (_("Context"), ("spell", "told_by", "note")),
    )
    name = forms.ChoiceField(
        label=_("What"), choices=(("ketamine", _("Ketamine")), ("esketamine", _("Esketamine")))
    )
    route = forms.CharField(label=_("By which route"), required=False, max_length=40)
    sessions = forms.IntegerField(label=_("Doses"), required=False, min_value=0, max_value=5000)
    dose = _number(_("Usual dose"), decimal_places=3)
    dose_unit = forms.ChoiceField(label=_("Unit"), choices=SINGLE_UNITS)
    benefit = forms.ChoiceField(
        label=_("What it did"), choices=Benefit.choices, widget=forms.RadioSelect, initial=Benefit.UNKNOWN
    )
    percent_better = _number(_("Better by"), unit="%")


FORMS: Mapping[str, type[TreatmentForm]] = {
    Kind.DRUG: DrugForm,
    Kind.PSYCHOTHERAPY: PsychotherapyForm,
    Kind.ECT: StimulationForm,
    Kind.TMS: MagneticForm,
    Kind.KETAMINE: KetamineForm,
}


def as_initial(row: "PastTreatment", names: Names) -> dict[str, Any]:
    """A row as the first content of its form, to be corrected."""
    initial = {field.name: getattr(row, field.name, None) for field in fields(Tried)}
    return initial | {"name": names.of(row.medicine) or row.name}


class WithdrawForm(forms.Form):
    """Why an entry was wrong."""

    reason = forms.CharField(label=_("Why it was wrong"), max_length=300)


class SpellForm(forms.Form):
    """The present spell of illness, and whether everything tried is entered."""

    since = PartialDateInput(label=_("The present spell began"))
    is_complete = forms.BooleanField(
        label=_("Everything that was tried is entered, as far as the patient and the records know"),
        required=False,
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(
        self, severities: Iterable[Severity], spell: "PresentSpell | None", *args: Any, **kwargs: Any
    ) -> None:
        if spell is not None:
            shown = ("since", "severity", "is_complete", "note")
            kwargs.setdefault("initial", {name: getattr(spell, name) for name in shown})
        kwargs.setdefault("auto_id", "spell-%s")
        super().__init__(*args, **kwargs)
        self.fields["severity"] = forms.ChoiceField(
            label=_("How severe at its start"),
            required=False,
            choices=[("", _("not known")), *((one.id, in_language(one.label)) for one in severities)],
        )
        self.order_fields(["since", "severity"])


class ScreenForm(forms.Form):
    """The questions of one screen; one left open is not known."""

    def __init__(
        self, screen: Screen, today: date, reply: "ScreenReply | None", *args: Any, **kwargs: Any
    ) -> None:
        if reply is not None:
            kwargs.setdefault("initial", dict(reply.replies) | {"note": reply.note})
        super().__init__(*args, **kwargs)
        self.screen = screen
        for question in screen.questions:
            self.fields[question.id] = _question_field(question)
        self.fields["asked_on"] = forms.DateField(
            label=_("Asked on"), initial=today, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
        )
        self.fields["note"] = forms.CharField(
            label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
        )

    def replies(self) -> dict[str, str | int]:
        """The answers given, by question."""
        ids = [question.id for question in self.screen.questions]
        return {name: value for name in ids if (value := self.cleaned_data.get(name)) not in {None, ""}}

    def refuse(self, error: BadInput) -> None:
        """Show an operation's reason at the field it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def _question_field(question: Question) -> forms.Field:
    label, help_text = in_language(question.text), in_language(question.help) if question.help else ""
    if question.range is not None:
        least, most = int(question.range.lowest), int(question.range.highest)
        return forms.IntegerField(
            label=label, help_text=help_text, required=False, min_value=least, max_value=most
        )
    said = [(choice.id, in_language(choice.label)) for choice in question.choices]
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=[*said, ("unknown", _("not known"))] if said else Known.choices,
        widget=forms.RadioSelect,
    )


class ConclusionForm(forms.Form):
    """Which condition leads, and whether it stands on its own."""

    main_condition = forms.ChoiceField(label=_("What leads"), choices=DifferentialDecision.Condition.choices)
    conclusion = forms.ChoiceField(
        label=_("It is"), choices=DifferentialDecision.Conclusion.choices, widget=forms.RadioSelect
    )
    also_present = forms.MultipleChoiceField(
        label=_("Also there"),
        required=False,
        choices=DifferentialDecision.Condition.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "conclusion-%s")
        super().__init__(*args, **kwargs)

    def refuse(self, error: BadInput) -> None:
        """Show an operation's reason at the field it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
