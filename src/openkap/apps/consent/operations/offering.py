"""Offering a text, and taking an offer back."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment import queries as assessment
from openkap.apps.assessment.permissions import check_alive
from openkap.apps.consent import queries
from openkap.apps.consent.models import Consent
from openkap.apps.consent.operations.moving import locked, move, note
from openkap.apps.consent.operations.tasks import settle_countersigning
from openkap.apps.consent.permissions import check_may_offer
from openkap.apps.consent.states import ConsentState
from openkap.apps.consent.texts import ConsentText, compose
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.assessment.models import Episode
    from openkap.apps.people.models import Patient


@transaction.atomic
def offer(
    *,
    by: User,
    now: datetime,
    patient: "Patient",
    language: str,
    addenda: Sequence[str] = (),
    place: str = Consent.Place.TABLET.value,
) -> Consent:
    """Offer the text for the drug and route of the patient's episode, in `language`, to be read at `place`.

    The text is put together now and never changes. Raises `Refused`; `NotAllowedNow` without an episode, with
    an offer that is still open, for the portal of a patient who cannot sign in, or while the text cannot be
    used; `BadInput`.
    """
    check_may_offer(by, patient)
    check_alive(patient)
    episode = assessment.current_episode(patient)
    if episode is None:
        raise NotAllowedNow(_("Set the indication first: consent is for one drug, given in one way."))
    if place not in Consent.Place.values:
        raise BadInput(_("Choose where the text is read."), field="place")
    if place == Consent.Place.PORTAL.value and patient.user_id is None:
        raise NotAllowedNow(_("This patient has no portal yet. Invite them first, or read it together."))
    text, version = text_for(patient, episode, language, addenda, now)
    try:
        with transaction.atomic():
            consent = _create(episode, text, by=by, now=now, site_words=version, place=place)
    except IntegrityError as error:
        raise NotAllowedNow(
            _("A consent for this drug and route is open already. Finish or cancel it.")
        ) from error
    note(by, now, "offer", consent, {"records": dict(text.records), "language": language, "place": place})
    return consent


def text_for(
    patient: "Patient", episode: "Episode", language: str, addenda: Sequence[str], now: datetime
) -> tuple[ConsentText, int]:
    """The text as it would be offered, and the version of the site's own words in it."""
    words = queries.words_of(patient.site, now)
    text = compose(
        knowledge_for(patient.site, now),
        drug=episode.drug,
        route=episode.route,
        addenda=addenda,
        language=language,
        words=queries.said_at(patient.site, now),
    )
    return text, words.version if words else 0


def _create(
    episode: "Episode", text: ConsentText, *, by: User, now: datetime, site_words: int, place: str
) -> Consent:
    return Consent.objects.create(
        site_id=episode.site_id,
        patient=episode.patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        drug=episode.drug,
        route=episode.route,
        language=text.document["language"],
        place=place,
        records=dict(text.records),
        site_words=site_words,
        document=dict(text.document),
        text_digest=text.digest,
        state=ConsentState.OFFERED.value,
        state_at=now,
    )


@transaction.atomic
def cancel(*, by: User, now: datetime, consent: Consent, reason: str) -> Consent:
    """Take back what is not valid yet, such as when it was not understood. Raises `Refused`, `BadInput`."""
    check_may_offer(by, consent.patient)
    if not reason.strip():
        raise BadInput(_("Say why the offer is cancelled."), field="reason")
    consent = locked(consent)
    move(consent, "cancel", now=now, reason=reason.strip())
    settle_countersigning(consent, by=by, now=now)
    note(by, now, "cancel", consent)
    return consent
