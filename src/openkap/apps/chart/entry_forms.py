"""Forms to enter and correct problems, medicines, allergies and procedures."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.chart.models import Allergy, ChartFact, Condition, MedicationUse, Procedure
from openkap.apps.chart.operations import Entry
from openkap.apps.chart.operations.by_hand import LONGEST, SOURCES
from openkap.apps.chart.terms import term_named
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.errors import OpenkapError

SOURCE_WORDS = [
    ("patient", _("The patient says so")),
    ("record", _("From a letter or another record")),
    ("observed", _("Seen or examined here")),
]
STATUSES: dict[str, list[tuple[str, Any]]] = {
    "problem": [("active", _("active")), ("resolved", _("resolved")), ("refuted", _("ruled out"))],
    "medicine": [
        ("active", _("taken now")),
        ("on-hold", _("on hold")),
        ("stopped", _("stopped")),
        ("unknown", _("not known")),
    ],
    "allergy": [("active", _("active")), ("resolved", _("resolved")), ("refuted", _("ruled out"))],
}
SEVERITIES = [
    ("", _("not known")),
    ("low", _("unlikely to be dangerous")),
    ("high", _("may be dangerous to life")),
    ("unable-to-assess", _("cannot be judged")),
]
DATE_HELP = _("As far as it is known: 2019, 2019-05 or 2019-05-31.")
TEXT_LABELS = {
    "problem": _("Problem"),
    "medicine": _("Medicine"),
    "allergy": _("Substance"),
    "procedure": _("Procedure"),
}


class EntryForm(forms.Form):
    """One entry of a kind; `terms` of the knowledge base are offered while typing, other words are kept too."""

    def __init__(self, kind: str, knowledge: KnowledgeSet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "entry_%s"})
        self.kind, self.knowledge = kind, knowledge
        self.fields["text"] = forms.CharField(
            label=TEXT_LABELS[kind],
            max_length=LONGEST,
            widget=forms.TextInput({"list": "terms", "autocomplete": "off"}),
            help_text=_("Choose a term that is offered, or write it in your own words."),
        )
        getattr(self, f"_add_{kind}")()
        self.fields["source"] = forms.ChoiceField(
            label=_("Where from"), choices=SOURCE_WORDS, widget=forms.RadioSelect, initial="patient"
        )

    def _add_problem(self) -> None:
        self._status()
        self._date("began", _("Since"))
        self._date("ended", _("Until"))

    def _add_medicine(self) -> None:
        self.fields["dose"] = _text(_("Dose"), help_text=_("Such as 100 mg."))
        self.fields["often"] = _text(_("How often"), help_text=_("Such as once a day."))
        self._status()
        self._date("began", _("Since"))
        self._date("ended", _("Until"))

    def _add_allergy(self) -> None:
        self.fields["reaction"] = _text(_("Reaction"), help_text=_("What happens."))
        self.fields["severity"] = forms.ChoiceField(
            label=_("How severe it can get"), choices=SEVERITIES, required=False
        )
        self._status()
        self._date("began", _("Since"))

    def _add_procedure(self) -> None:
        self._date("began", _("Done on"))

    def _status(self) -> None:
        self.fields["status"] = forms.ChoiceField(
            label=_("Status"), choices=STATUSES[self.kind], initial="active"
        )

    def _date(self, name: str, label: Any) -> None:
        self.fields[name] = forms.CharField(
            label=label,
            required=False,
            max_length=10,
            help_text=DATE_HELP,
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        )

    def entry(self) -> Entry:
        """What was entered, coded where the words are a term of the knowledge base."""
        given = self.cleaned_data
        said = {name: value for name, value in given.items() if name not in {"text", "source", "reason"}}
        term = term_named(self.knowledge, self.kind, given["text"])
        return Entry(self.kind, given["text"], given["source"], said, term)

    def refuse(self, error: "OpenkapError") -> None:
        """Show an operation's reason at the field it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class CorrectForm(EntryForm):
    """An entry as it should be, and why."""

    def __init__(self, kind: str, knowledge: KnowledgeSet, *args: Any, **kwargs: Any) -> None:
        super().__init__(kind, knowledge, *args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label=_("Why it is corrected"),
            max_length=500,
            help_text=_("The earlier entry stays in the history."),
        )


class WithdrawForm(forms.Form):
    """Why an entry was an error."""

    reason = forms.CharField(label=_("Why it was entered in error"), max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "withdraw_%s"})


def _text(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=LONGEST, **more)


def initial_of(fact: ChartFact) -> dict[str, str]:
    """An entry as the form shows it before it is corrected."""
    words = {place: word for word, place in SOURCES.items()}
    first = {"text": fact.text, "source": words.get(ChartFact.Provenance(fact.provenance), "record")}
    match fact:
        case Condition():
            return first | _dates(fact.onset, fact.abatement) | {"status": _problem_status(fact)}
        case MedicationUse():
            known = {word for word, _label in STATUSES["medicine"]}
            status = fact.status if fact.status in known else "unknown"
            return (
                first
                | _dates(fact.began or fact.authored, fact.ended)
                | {"often": fact.dosage, "status": status}
            )
        case Allergy():
            more = {"severity": fact.criticality, "reaction": fact.reactions, "status": _problem_status(fact)}
            return first | _dates(fact.onset, None) | more
        case Procedure():
            return first | _dates(fact.performed, None)
        case _:
            return first


def _dates(began: Any, ended: Any) -> dict[str, str]:
    return {"began": began.day if began else "", "ended": ended.day if ended else ""}


def _problem_status(fact: Condition | Allergy) -> str:
    if fact.verification_status == "refuted":
        return "refuted"
    return "resolved" if fact.clinical_status in {"resolved", "inactive", "remission"} else "active"
