"""A record in words: any kind, its own fields named and nested as the schema has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import Enum

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from openkap.core.assessment.scores import SCORE_UNIT
from openkap.knowledge import State
from openkap.knowledge.schema.record import Authority, Effect, Record, Text, Verification
from openkap.units import format_span

Words = str | Promise

KIND_NAMES: dict[str, Words] = {
    "instruments": _("Measures"),
    "criteria": _("What a score means"),
    "course_windows": _("Time windows"),
    "early_warnings": _("Early warnings"),
    "cadences": _("What is asked when"),
    "rules": _("Rules"),
    "concept_maps": _("Groups of codes"),
    "clearance_items": _("Medical clearance"),
    "candidacy_questions": _("Candidacy questions"),
    "protocols": _("Protocols"),
    "monitoring": _("Monitoring"),
    "risk_pathways": _("Suicide risk"),
    "pk_models": _("Drug models"),
    "consent_templates": _("Consent texts"),
    "consent_rules": _("Rules of consent"),
    "past_treatments": _("Treatments one may have tried"),
    "adequacy": _("When a treatment counts as failed"),
    "staging": _("Stages of resistance"),
    "screens": _("Screening questions"),
    "evidence": _("Published figures"),
    "options": _("Treatment options"),
    "expectations": _("What to expect"),
    "method_match": _("Which therapy suits"),
    "pk_interactions": _("Effects on drug levels"),
    "pd_models": _("Effects of drug levels"),
}
VERIFICATION_NAMES: dict[Verification, Words] = {
    Verification.SOURCE: _("read in source"),
    Verification.SECONDARY: _("read in a restatement"),
    Verification.MEMORY: _("from memory"),
    Verification.CONVENTION: _("convention"),
}
AUTHORITY_NAMES: dict[Authority, Words] = {
    Authority.LABEL: _("label"),
    Authority.GUIDELINE: _("guideline"),
    Authority.TRIAL_EXCLUSION: _("trial exclusion"),
    Authority.SERVICE_POLICY: _("policy of a service"),
    Authority.CONVENTION: _("convention"),
}
EFFECT_NAMES: dict[Effect, Words] = {
    Effect.RESTRICTIVE: _("restricts"),
    Effect.PERMISSIVE: _("permits"),
    Effect.NEUTRAL: _("states facts"),
}
STATE_NAMES: dict[State, Words] = {
    State.ACTIVE: pgettext_lazy("knowledge", "acts"),
    State.NEEDS_SIGN_OFF: _("waits for sign-off: asks"),
    State.INACTIVE: _("inactive"),
}
_SHARED = set(Record.model_fields) | {"authority", "examples"}  # examples are worked cases for the tests


@dataclass(frozen=True)
class Entry:
    """One named value; `parts` where it is made of more."""

    label: str
    text: str = ""
    parts: tuple["Entry", ...] = ()


def entries_of(record: Record, language: str) -> tuple[Entry, ...]:
    """What the record says beyond what every record carries."""
    return tuple(
        entry
        for name in type(record).model_fields
        if name not in _SHARED and (entry := _entry(_label(name), getattr(record, name), language))
    )


def text_in(text: Text, language: str) -> str:
    """The words in the reader's language, or in English."""
    return (text.es if language.startswith("es") else None) or text.en


def _entry(label: str, value: object, language: str) -> Entry | None:
    if isinstance(value, Text):
        return Entry(label, text_in(value, language))
    if isinstance(value, BaseModel):
        return _nested(
            label, [(_label(name), getattr(value, name)) for name in type(value).model_fields], language
        )
    if isinstance(value, Mapping):
        return _nested(label, [(str(key), item) for key, item in value.items()], language)
    if isinstance(value, tuple | list | set | frozenset):
        return _listed(label, list(value), language)
    text = _plain(value)
    return Entry(label, text) if text else None


def _nested(label: str, values: list[tuple[str, object]], language: str) -> Entry | None:
    parts = tuple(part for name, value in values if (part := _entry(name, value, language)))
    return Entry(label, parts=parts) if parts else None


def _listed(label: str, values: list[object], language: str) -> Entry | None:
    parts = [part for number, value in enumerate(values, 1) if (part := _entry(str(number), value, language))]
    if not parts:
        return None
    if all(part.text for part in parts):
        return Entry(label, ", ".join(part.text for part in parts))
    return Entry(label, parts=tuple(parts))


def _plain(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value == SCORE_UNIT:
        return gettext("points")
    return _moment(value) or str(value.value if isinstance(value, Enum) else value)


def _moment(value: object) -> str:
    """A date, a time of day or a span in words; nothing for anything else."""
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return format_span(value) if isinstance(value, timedelta) else ""


def _label(name: str) -> str:
    return name.replace("_", " ")
