"""What the pages of consent show, put together from queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openkap.apps.consent import queries
from openkap.apps.consent.models import Consent, Signature
from openkap.apps.consent.states import Code, Standing
from openkap.apps.consent.texts import addenda_for, main_template, suggested
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.knowledge_base.words import text_in
from openkap.errors import OpenkapError
from openkap.knowledge.schema.consent_template import ConsentTemplate

if TYPE_CHECKING:
    from openkap.apps.assessment.models import Episode


@dataclass(frozen=True)
class Progress:
    """How far reading has come."""

    read: int
    sections: int
    next_section: str  # '' when all are read
    is_said: bool  # understanding said back
    unanswered: int

    @property
    def is_ready(self) -> bool:
        """Nothing is left before the signature."""
        return not self.next_section and self.is_said and not self.unanswered


@dataclass(frozen=True)
class Addendum:
    """An addendum that may be added."""

    template: ConsentTemplate
    title: str
    when: str
    suggested: bool


def progress_of(consent: Consent) -> Progress:
    """How far reading has come, and what is next."""
    sections = queries.sections_of(consent)
    unread = [section.id for section in sections if section.read_at is None]
    return Progress(
        read=len(sections) - len(unread),
        sections=len(sections),
        next_section=unread[0] if unread else "",
        is_said=all(said is not None for _question, said in queries.understanding_of(consent)),
        unanswered=queries.unanswered(consent).count(),
    )


def addenda_of(episode: "Episode", now: datetime) -> list[Addendum]:
    """What may be added for the episode's drug and route, what is suggested first."""
    language = get_language() or "en"
    found = [
        Addendum(
            template,
            text_in(template.title, language),
            text_in(template.when, language) if template.when else "",
            suggested(template, episode.indication),
        )
        for template in addenda_for(knowledge_for(episode.patient.site, now), episode.drug, episode.route)
    ]
    return sorted(found, key=lambda one: not one.suggested)


def why_not_offered(episode: "Episode", now: datetime) -> str:
    """Why no text can be offered at all; '' when one can."""
    try:
        main_template(knowledge_for(episode.patient.site, now), episode.drug, episode.route)
    except OpenkapError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class ConsentShown:
    """One consent as its page shows it. Signatures only while they are bound to the stored text."""

    consent: Consent
    is_bound: bool
    signatures: list[Signature]
    progress: Progress
    standing_words: str


def consent_shown(consent: Consent, now: datetime) -> ConsentShown:
    """The consent with what holds of it now."""
    bound = queries.is_bound(consent)
    words = ""
    if consent.state == "valid":
        standing = queries.standing_of(consent.patient, consent.drug, consent.route, now)
        words = standing.words if standing.code is not Code.VALID else ""
    return ConsentShown(
        consent, bound, list(consent.signatures.all()) if bound else [], progress_of(consent), words
    )


def standing_note(standing: Standing) -> str:
    """What has to be done so that a dose can be given; '' when nothing."""
    return {
        Code.VALID: "",
        Code.NONE: _("Offer the consent text and read it with the patient."),
        Code.OPEN: _("Go on reading, or countersign what the patient has signed."),
        Code.SUPERSEDED: _("Offer the new text. The earlier signature stays in the record."),
        Code.EXPIRED: _("Offer the text again."),
        Code.WITHDRAWN: _("No dose is given. Ask how they are, and what they want instead."),
        Code.BROKEN: _("No dose is given on it. Tell the medical director, and offer the text anew."),
    }[standing.code]
