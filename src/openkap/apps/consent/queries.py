"""Consents as far as the viewer may see them, and whether one stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.consent.binding import digest_of, seal_of
from openkap.apps.consent.models import Consent, DoseNoted, Question, Signature, SiteWords, TeachBack
from openkap.apps.consent.states import OPEN, Code, ConsentState, Standing
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.queries import patients_for
from openkap.apps.portal.queries import Whose, help_at
from openkap.errors import NotFound
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.consent_template import Blank, ConsentRules
from openkap.knowledge.schema.record import Text

if TYPE_CHECKING:
    from openkap.apps.assessment.models import Episode
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

RULES = "consent-rules"
# Blanks that are filled from 'Help now', and by which of its numbers; None: the emergency number.
UNDER_HELP = {
    Blank.EMERGENCY_NUMBER: None,
    Blank.CRISIS_LINE: Whose.CRISIS,
    Blank.CLINIC_PHONE: Whose.CLINIC,
}


@dataclass(frozen=True)
class SectionRead:
    """One section as it is read: its words, whether it was confirmed, and what was asked about it."""

    id: str
    number: int
    title: str
    paragraphs: list[str]
    sources: list[str]
    read_at: datetime | None
    questions: list[Question]


def rules_of(known: KnowledgeSet) -> ConsentRules:
    """The conventions of consent in force."""
    return known.consent_rules[RULES]


def consents_of(patient: "Patient") -> QuerySet[Consent]:
    """All consents of the patient, latest first. The caller has checked who asks."""
    return _with_people(Consent.objects.filter(patient=patient)).order_by("-id")


def open_consent(patient: "Patient", drug: str, route: str) -> Consent | None:
    """The one that is offered, read or waits for a countersignature."""
    return consents_of(patient).filter(drug=drug, route=route, state__in=[s.value for s in OPEN]).first()


def consent_for(viewer: User, consent_id: UUID, permission: Permission) -> Consent:
    """The consent, if `viewer` holds `permission` on its patient. Raises `NotFound`, hinting at nobody."""
    found = _with_people(Consent.objects.filter(public_id=consent_id)).filter(
        patient__in=patients_for(viewer, permission)
    )
    consent = found.first()
    if consent is None:
        raise NotFound(_("There is no such consent, or you may not see it."))
    return consent


def own_consents(viewer: User) -> QuerySet[Consent]:
    """Consents of the person who is signed in to their own portal, latest first."""
    return _with_people(
        Consent.objects.filter(patient__in=patients_for(viewer, Permission.OWN_RECORD))
    ).order_by("-id")


def _with_people(rows: QuerySet[Consent]) -> QuerySet[Consent]:
    signatures = Signature.objects.select_related("user", "witness").order_by("id")
    return rows.select_related("patient__site", "site", "recorded_by", "episode").prefetch_related(
        Prefetch("signatures", signatures)
    )


def sections_of(consent: Consent) -> list[SectionRead]:
    """The sections in order, each with what became of it."""
    read = dict(consent.acknowledgements.values_list("section", "at"))
    asked = list(consent.questions.select_related("recorded_by", "answered_by").order_by("id"))
    return [
        SectionRead(
            id=section["id"],
            number=number,
            title=section["title"],
            paragraphs=section["paragraphs"],
            sources=section["sources"],
            read_at=read.get(section["id"]),
            questions=[question for question in asked if question.section == section["id"]],
        )
        for number, section in enumerate(consent.document["sections"], start=1)
    ]


def unanswered(consent: Consent) -> QuerySet[Question]:
    """Questions without an answer yet."""
    return consent.questions.filter(answered_at__isnull=True).order_by("id")


def question_of(consent: Consent, question_id: UUID) -> Question:
    """One question of this consent. Raises `NotFound`."""
    found = consent.questions.filter(public_id=question_id).first()
    if found is None:
        raise NotFound(_("There is no such question."))
    return found


def understanding_of(consent: Consent) -> list[tuple[dict[str, str], TeachBack | None]]:
    """Each question of understanding with the last answer in the patient's own words."""
    said = {
        answer.question: answer for answer in consent.teach_backs.select_related("recorded_by").order_by("id")
    }
    return [(question, said.get(question["id"])) for question in consent.document["questions"]]


def signature_of(consent: Consent, party: Signature.Party) -> Signature | None:
    """The patient's or the clinician's signature."""
    return next((s for s in consent.signatures.all() if s.party == party), None)


def is_bound(consent: Consent) -> bool:
    """Whether every signature is of exactly the text that is stored, and is itself as it was made."""
    digest = digest_of(consent.document)
    if digest != consent.text_digest or consent.document["language"] != consent.language:
        return False
    return all(_is_whole(consent, signature, digest) for signature in consent.signatures.all())


def _is_whole(consent: Consent, signature: Signature, digest: str) -> bool:
    return signature.text_digest == digest and signature.seal == seal(consent, signature)


def seal(consent: Consent, signature: Signature) -> str:
    """The seal that this signature has to have."""
    return seal_of(
        text_digest=signature.text_digest,
        consent_id=consent.public_id,
        patient_id=consent.patient.public_id,
        party=signature.party,
        printed_name=signature.printed_name,
        meaning=signature.meaning,
        signed_at=signature.signed_at,
        method=signature.method,
        user_id=signature.user.public_id,
        witness_id=signature.witness.public_id if signature.witness else None,
        drawn=signature.drawn,
        note=signature.note,
    )


# ---- whether a dose may be given


@once_a_page
def standing_of(patient: "Patient", drug: str, route: str, now: datetime) -> Standing:
    """How consent stands for the drug and route in the current episode. The caller has checked who asks.

    A newer offer does not end a valid consent; a withdrawal does, for the whole drug and route.
    """
    rows = list(
        _with_people(
            Consent.objects.filter(patient=patient, drug=drug, route=route, episode__ended_on__isnull=True)
        ).order_by("-id")
    )
    valid = next((row for row in rows if row.state == ConsentState.VALID), None)
    if valid is not None:
        return _of_valid(valid, now)
    if not rows:
        return Standing(Code.NONE)
    first = next((row for row in rows if row.state in _TELLS), rows[0])
    return Standing(_TELLS.get(ConsentState(first.state), Code.NONE), first.public_id)


# what the latest consent that says something says, when none is valid
_TELLS = {
    ConsentState.OFFERED: Code.OPEN,
    ConsentState.READING: Code.OPEN,
    ConsentState.SIGNED: Code.OPEN,
    ConsentState.WITHDRAWN: Code.WITHDRAWN,
    ConsentState.DECLINED: Code.WITHDRAWN,
    ConsentState.SUPERSEDED: Code.SUPERSEDED,
    ConsentState.EXPIRED: Code.EXPIRED,
}


def _of_valid(consent: Consent, now: datetime) -> Standing:
    code = Code.VALID
    if not is_bound(consent) or {s.party for s in consent.signatures.all()} != set(Signature.Party):
        code = Code.BROKEN
    elif is_expired(consent, now):
        code = Code.EXPIRED
    elif is_outdated(consent, now):
        code = Code.SUPERSEDED
    return Standing(code, consent.public_id, frozenset(consent.records))


def withdrawn_in(episodes: Iterable["Episode"]) -> dict[tuple[int, str, str], datetime]:
    """Since when consent to a drug and route stands withdrawn, by episode, drug and route; one query.

    A consent that was valid after it ends that. For due work over many patients: nobody looks at them.
    """
    states = [ConsentState.WITHDRAWN.value, *(state.value for state in _AGREED)]
    rows = Consent.objects.filter(episode__in=[episode.pk for episode in episodes], state__in=states)
    found: dict[tuple[int, str, str], datetime] = {}
    for episode, drug, route, state, at in rows.order_by("id").values_list(
        "episode_id", "drug", "route", "state", "state_at"
    ):
        if state == ConsentState.WITHDRAWN:
            found[episode, drug, route] = at
        else:
            found.pop((episode, drug, route), None)
    return found


# what has been valid, whatever became of it; a withdrawal ends all that stands, so newer ones came after it
_AGREED = (ConsentState.VALID, ConsentState.SUPERSEDED, ConsentState.EXPIRED)


def is_expired(consent: Consent, now: datetime) -> bool:
    """Whether the last day of the consent has passed at the site; one without a last day has."""
    today = now.astimezone(ZoneInfo(consent.site.time_zone)).date()
    return consent.valid_until is None or today > consent.valid_until


def is_outdated(consent: Consent, now: datetime) -> bool:
    """Whether the site uses a newer version of a part of the text, or its director asks everyone again."""
    known = knowledge_for(consent.site, now)
    newer = any(
        known.in_force(record_id)
        and known.record(record_id).version > version
        and known.state(record_id) is State.ACTIVE
        for record_id, version in consent.records.items()
    )
    return (
        newer
        or SiteWords.objects.filter(
            site=consent.site_id, version__gt=consent.site_words, asks_again=True, written_at__lte=now
        ).exists()
    )


def valid_consents(site_ids: Iterable[int] | None = None) -> QuerySet[Consent]:
    """Those in state 'valid'; for the sweep and the list of who must sign again."""
    rows = Consent.objects.filter(state=ConsentState.VALID.value)
    if site_ids is not None:
        rows = rows.filter(site__in=list(site_ids))
    return _with_people(rows).order_by("valid_until", "id")


def to_sign_again(site: "Site", now: datetime) -> list[tuple[Consent, Code]]:
    """Whose consent at the site no longer holds, or soon will not, and nobody has signed anew since."""
    days = timedelta(days=rules_of(knowledge_for(site, now)).ask_again_days_before)
    soon = [
        (consent, standing.code)
        for consent in valid_consents([site.pk])
        if not (standing := _of_valid(consent, now)).is_valid or _ends_within(consent, now, days)
    ]
    return [*_ended_without_new(site), *soon]


def _ends_within(consent: Consent, now: datetime, span: timedelta) -> bool:
    return is_expired(consent, now + span)


def _ended_without_new(site: "Site") -> list[tuple[Consent, Code]]:
    codes = {ConsentState.SUPERSEDED: Code.SUPERSEDED, ConsentState.EXPIRED: Code.EXPIRED}
    ended = _with_people(
        Consent.objects.filter(site=site, state__in=[s.value for s in codes], episode__ended_on__isnull=True)
    ).order_by("-id")
    latest: dict[tuple[int, str, str], Consent] = {}
    for consent in ended:
        latest.setdefault((consent.patient_id, consent.drug, consent.route), consent)
    held = set(
        Consent.objects.filter(site=site, state=ConsentState.VALID.value).values_list(
            "patient_id", "drug", "route"
        )
    )
    return [(consent, codes[ConsentState(consent.state)]) for key, consent in latest.items() if key not in held]


# ---- doses and the site's own words


def signing_opens_at(patient: "Patient", now: datetime) -> datetime | None:
    """When the patient may sign again after their last dose; None when they may now."""
    last = DoseNoted.objects.filter(patient=patient).order_by("-at").values_list("at", flat=True).first()
    if last is None:
        return None
    hours = rules_of(knowledge_for(patient.site, now)).not_within_hours_after_dose
    opens = last + timedelta(hours=hours)
    return opens if now < opens else None


def words_of(site: "Site", now: datetime) -> SiteWords | None:
    """The site's own words at a moment."""
    return SiteWords.objects.filter(site=site, written_at__lte=now).order_by("-version").first()


def said_at(site: "Site", now: datetime) -> dict[str, dict[str, str]]:
    """What stands in the blanks: the site's own words, and the numbers from 'Help now'.

    Patients are to read one number everywhere. What a site wrote before stands where 'Help now' has none.
    """
    words, found = words_of(site, now), help_at(site)
    said = dict(words.words) if words else {}
    for blank, whose in UNDER_HELP.items():
        line = found.emergency if whose is None else found.line_of(whose)
        if line is not None:
            number = ", ".join(filter(None, (line.number, line.hours)))
            said[blank.value] = dict.fromkeys(Text.model_fields, number)
    return said
