"""A consent as a document: the signed text with its signatures, or the blank form to print."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats, translation
from django.utils.translation import gettext as _

from openkap.adapters.documents import documents
from openkap.apps.consent import queries
from openkap.apps.consent.models import Consent, Signature
from openkap.apps.consent.states import STATE_NAMES, ConsentState
from openkap.apps.consent.texts import ConsentText
from openkap.errors import NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

TEMPLATE = "apps/consent/documents/consent.typ"


def signed_pdf(consent: Consent, now: datetime) -> bytes:
    """The PDF of exactly the stored text with whatever signatures it has.

    Raises `NotAllowedNow` when the stored text is not the one that was signed: it is never shown as signed.
    """
    if not queries.is_bound(consent):
        raise NotAllowedNow(
            _("The stored text is not the one that was signed. It cannot be printed as signed.")
        )
    with translation.override(consent.language):
        return documents.render(TEMPLATE, _signed_data(consent), made_at=now)


def blank_pdf(patient: "Patient", text: ConsentText, now: datetime) -> bytes:
    """The same text to be read on paper and signed by hand."""
    with translation.override(text.document["language"]):
        data = _data(text.document, text.digest, patient)
        data["facts"] = [*_about(patient), (_("State"), _("Blank form; not signed"))]
        data["said"] = [{"ask": question["ask"], "said": ""} for question in text.document["questions"]]
        data["signatures"] = [_unsigned(text.document, party) for party in Signature.Party]
        return documents.render(TEMPLATE, data, made_at=now)


def _signed_data(consent: Consent) -> dict[str, Any]:
    zone = ZoneInfo(consent.site.time_zone)
    data = _data(consent.document, consent.text_digest, consent.patient)
    data["facts"] = [
        *_about(consent.patient),
        (_("Treatment"), f"{consent.get_drug_display()}, {consent.get_route_display()}"),
        (
            _("Offered"),
            _("%(when)s by %(who)s") % {"when": _when(consent.recorded_at, zone), "who": consent.recorded_by},
        ),
        (_("State"), str(STATE_NAMES[ConsentState(consent.state)])),
    ]
    if consent.valid_until:
        data["facts"].append((_("Valid until"), formats.date_format(consent.valid_until, "DATE_FORMAT")))
    data["asked"] = [
        {
            "question": question.text,
            "answer": question.answer or _("Not answered yet"),
            "who": f"{question.answered_by}, {_when(question.answered_at, zone)}"
            if question.answered_at
            else "",
        }
        for section in queries.sections_of(consent)
        for question in section.questions
    ]
    data["said"] = [
        {"ask": question["ask"], "said": said.said}
        for question, said in queries.understanding_of(consent)
        if said is not None
    ]
    data["signatures"] = [_signature(consent, party, zone) for party in Signature.Party]
    data["withdrawn"] = _withdrawn(consent, zone)
    return data


def _data(document: Mapping[str, Any], digest: str, patient: "Patient") -> dict[str, Any]:
    return {
        "title": document["title"],
        "lang": document["language"],
        "paper": "us-letter" if patient.site.jurisdiction.startswith("US") else "a4",
        "foot": f"{document['title']}. {patient.name}, {patient.record_number}. SHA-256 {digest[:16]}",
        "sections": document["sections"],
        "digest": digest,
        "asked": [],
        "said": [],
        "withdrawn": "",
        "words": {
            "of": _("of"),
            "sources": _("Rests on:"),
            "asked": _("Your questions, and our answers"),
            "said": _("In your own words"),
            "signatures": _("Signatures"),
            "name": _("name and signature"),
            "when": _("Date and time"),
            "how": _("How it was signed"),
            "drawn": _("Signature drawn by hand"),
            "seal": _("Seal of this signature (SHA-256):"),
            "withdrawn": _("Withdrawn"),
            "digest": _("This text, SHA-256:"),
        },
    }


def _about(patient: "Patient") -> list[tuple[str, str]]:
    born = formats.date_format(patient.birth_date, "DATE_FORMAT")
    return [
        (_("Patient"), patient.name),
        (_("Born"), f"{born} · {patient.record_number}"),
        (_("Clinic"), patient.site.name),
    ]


def _unsigned(document: Mapping[str, Any], party: Signature.Party) -> dict[str, str]:
    meaning = document["agreement" if party is Signature.Party.PATIENT else "explained"]
    return {"party": str(party.label), "meaning": meaning, "name": "", "drawn": ""}


def _signature(consent: Consent, party: Signature.Party, zone: ZoneInfo) -> dict[str, str]:
    found = queries.signature_of(consent, party)
    if found is None:
        return _unsigned(consent.document, party)
    how = str(found.get_method_display())
    if found.witness is not None:
        how += ". " + _("Witness: %(name)s") % {"name": found.witness}
    return {
        "party": str(party.label),
        "meaning": found.meaning,
        "name": found.printed_name,
        "at": _when(found.signed_at, zone),
        "how": how,
        "note": found.note,
        "drawn": found.drawn,
        "seal": found.seal,
    }


def _withdrawn(consent: Consent, zone: ZoneInfo) -> str:
    found = getattr(consent, "withdrawal", None)
    if found is None:
        return ""
    by = (
        _("by the patient, in the portal")
        if found.by_patient
        else _("told to %(who)s") % {"who": found.recorded_by}
    )
    return f"{_when(found.at, zone)}, {by}."


def _when(at: datetime | None, zone: ZoneInfo) -> str:
    local = at.astimezone(zone) if at else None
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({zone.key})" if local else ""
