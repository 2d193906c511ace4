"""Putting a consent text together from the records in force and the site's own words. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from openkap.apps.consent.binding import FORMAT, digest_of
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.consent_template import BLANK, Blank, ConsentTemplate, Section
from openkap.knowledge.schema.record import Source, Text

Words = Mapping[str, Mapping[str, str]]  # blank -> language -> what the site says


class BlanksMissing(NotAllowedNow):
    """The site has not said what the text needs."""

    code = "blanks-missing"

    def __init__(self, blanks: Iterable[Blank], language: str) -> None:
        self.blanks = tuple(sorted(blanks))
        super().__init__(
            _("This consent text cannot be used yet. The site has to fill in: %(blanks)s (%(language)s).")
            % {"blanks": ", ".join(blank_words(blank) for blank in self.blanks), "language": language}
        )


def blank_words(blank: Blank) -> str:
    """What the site is asked for."""
    return {
        Blank.PRICE: _("what the treatment costs"),
        Blank.EMERGENCY_NUMBER: _("the emergency number"),
        Blank.CLINIC_PHONE: _("the clinic's telephone after a session"),
        Blank.CRISIS_LINE: _("a crisis line that is open at any hour"),
        Blank.WHO_IS_PRESENT: _("who is present in a session"),
        Blank.EMERGENCY_PLAN: _("what is done in an emergency in a session"),
    }[blank]


@dataclass(frozen=True)
class ConsentText:
    """A text as it is offered: `document` is what JSON can say, `digest` what a signature is bound to."""

    document: Mapping[str, Any]
    digest: str
    records: Mapping[str, int]


def main_template(known: KnowledgeSet, drug: str, route: str) -> ConsentTemplate:
    """The text for a drug and route that the site's director has adopted. Raises `NotAllowedNow`."""
    for template in known.consent_templates.values():
        if template.kind == "main" and drug in template.drugs and route in template.routes:
            _check_adopted(known, (template.id, *template.parts))
            return template
    raise NotAllowedNow(_("There is no consent text for this drug and route."))


def addenda_for(known: KnowledgeSet, drug: str, route: str) -> list[ConsentTemplate]:
    """The addenda the site may offer with a drug and route."""
    return [
        template
        for template in known.consent_templates.values()
        if template.kind == "addendum"
        and drug in template.drugs
        and route in template.routes
        and known.state(template.id) is State.ACTIVE
    ]


def suggested(template: ConsentTemplate, indication: str) -> bool:
    """Whether what is treated asks for this addendum."""
    return indication in template.suggested_for


def _check_adopted(known: KnowledgeSet, record_ids: Iterable[str]) -> None:
    waiting = [record_id for record_id in record_ids if known.state(record_id) is not State.ACTIVE]
    if waiting:
        raise NotAllowedNow(
            _("The medical director has not adopted this consent text for the site: %(records)s.")
            % {"records": ", ".join(waiting)}
        )


def compose(
    known: KnowledgeSet, *, drug: str, route: str, addenda: Iterable[str], language: str, words: Words
) -> ConsentText:
    """The exact text for one patient's language, drug and route.

    Raises `NotAllowedNow` when a record is not adopted, `BlanksMissing` (all of them), `BadInput` for an
    addendum or a language that is not offered.
    """
    if language not in Text.model_fields:
        raise BadInput(_("Consent texts are in English and Spanish."), field="language")
    main = main_template(known, drug, route)
    offered = {template.id: template for template in addenda_for(known, drug, route)}
    chosen = sorted(set(addenda))
    if not set(chosen) <= set(offered):
        raise BadInput(_("This addendum cannot be offered here."), field="addenda")
    records = [main, *(known.consent_templates[part] for part in main.parts), *(offered[one] for one in chosen)]
    sections = _sections(records, route)
    missing = {blank for section in sections for blank in section.blanks if not _said(words, blank, language)}
    if missing:
        raise BlanksMissing(missing, language)
    document = _head(main, records, language) | {
        "drug": drug,
        "route": route,
        "sections": [_section(section, language, words) for section in sections],
    }
    return ConsentText(document, digest_of(document), document["records"])


def _sections(records: list[ConsentTemplate], route: str) -> list[Section]:
    found = [s for record in records for s in record.sections if not s.routes or route in s.routes]
    return sorted(found, key=lambda section: (section.order, section.id))


def _head(main: ConsentTemplate, records: list[ConsentTemplate], language: str) -> dict[str, Any]:
    questions = [question for record in records for question in record.questions]
    return {
        "format": FORMAT,
        "language": language,
        "records": {record.id: record.version for record in records},
        "title": _in(main.title, language),
        "addenda": [_in(record.title, language) for record in records if record.kind == "addendum"],
        "questions": [
            {"id": q.id, "ask": _in(q.ask, language), "listen_for": _in(q.listen_for, language)}
            for q in questions
        ],
        "agreement": _in(main.agreement, language),
        "explained": _in(main.explained, language),
    }


def _section(section: Section, language: str, words: Words) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": _in(section.title, language),
        "paragraphs": [_filled(_in(text, language), language, words) for text in section.paragraphs],
        "sources": [
            *(
                f"{figure.value}: {_cited(figure.source)} ({figure.verification.value})"
                for figure in section.figures
            ),
            *(_cited(source) for source in section.rests_on),
        ],
    }


def _cited(source: Source) -> str:
    doi = f", doi:{source.doi}" if source.doi else ""
    return f"{source.citation}: {source.locator}{doi}"


def _filled(text: str, language: str, words: Words) -> str:
    return BLANK.sub(lambda found: _said(words, Blank(found[1]), language), text)


def _said(words: Words, blank: Blank, language: str) -> str:
    return unicodedata.normalize("NFC", words.get(blank.value, {}).get(language, "").strip())


def _in(text: Text | None, language: str) -> str:
    if text is None:
        return ""
    return unicodedata.normalize("NFC", str(getattr(text, language) or text.en))
