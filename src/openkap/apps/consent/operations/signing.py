"""Signing, and countersigning that it was explained and understood."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.consent import queries
from openkap.apps.consent.models import Consent, Signature
from openkap.apps.consent.operations.moving import locked, move, note
from openkap.apps.consent.operations.tasks import (
    ask_to_countersign,
    settle_countersigning,
    settle_how_it_goes_on,
    settle_renewal,
)
from openkap.apps.consent.permissions import check_may_countersign, check_may_read, is_patient
from openkap.apps.consent.states import ConsentState, consent_after
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.operations import keep_asks_of
from openkap.apps.people.names import words
from openkap.errors import BadInput, NotAllowedNow, Refused

PEN = re.compile(r"[ML]( \d{1,3} \d{1,3})( [ML] \d{1,3} \d{1,3})*")
MOST_PEN = 20_000
MOST_NOTE = 2000
Method, Party = Signature.Method, Signature.Party


@transaction.atomic
def sign(
    *,
    by: User,
    now: datetime,
    consent: Consent,
    printed_name: str,
    drawn: str = "",
    signed_in_anew: bool = False,
) -> Consent:
    """The patient's signature under the text's own statement of agreement.

    `by` is the patient, who has just shown again who they are (`signed_in_anew`), or the member of staff who
    witnesses it on the clinic's tablet. Raises `Refused`; `BadInput` when the name is not the patient's;
    `NotAllowedNow` while sections, questions or the words of understanding are open, within the hours after a
    dose, or when the text in store is not the one that was offered.
    """
    check_may_read(by, consent)
    consent = locked(consent)
    consent_after(consent.state, "sign")
    own = is_patient(by, consent.patient)
    if own and not signed_in_anew:
        raise Refused(_("Confirm first that it is you."))
    _check_name(consent, printed_name)
    _check_pen(drawn)
    check_ready(consent, now)
    signature = Signature(
        consent=consent,
        party=Party.PATIENT,
        printed_name=printed_name.strip(),
        meaning=consent.document["agreement"],
        signed_at=now,
        method=Method.PORTAL if own else Method.TABLET_DRAWN if drawn else Method.TABLET,
        user=by,
        witness=None if own else by,
        drawn="" if own else drawn,
    )
    _bind(consent, signature)
    move(consent, "sign", now=now)
    note(by, now, "sign", consent, {"method": signature.method, "text": consent.text_digest})
    hours = queries.rules_of(knowledge_for(consent.site, now)).countersign_within_hours
    ask_to_countersign(consent, by=by, now=now, due_at=now + timedelta(hours=hours))
    return consent


@transaction.atomic
def countersign(
    *, by: User, now: datetime, consent: Consent, printed_name: str, understood: Iterable[str], remark: str = ""
) -> Consent:
    """A clinician confirms that the text was explained and understood; from then on the consent is valid.

    `understood`: the questions whose answer showed it; all of them are needed. It replaces an earlier valid
    consent for the same drug and route. Raises `Refused`, `BadInput`, `NotAllowedNow`.
    """
    check_may_countersign(by, consent)
    consent = locked(consent)
    consent_after(consent.state, "countersign")
    if not printed_name.strip():
        raise BadInput(_("Type your name."), field="printed_name")
    missing = {question["id"] for question in consent.document["questions"]} - set(understood)
    if missing:
        raise NotAllowedNow(
            _("Not everything was understood. Cancel this consent, explain it again and offer it anew.")
        )
    if queries.unanswered(consent).exists():
        raise NotAllowedNow(_("A question of the patient has no answer yet."))
    signature = Signature(
        consent=consent,
        party=Party.CLINICIAN,
        printed_name=printed_name.strip()[:200],
        meaning=consent.document["explained"],
        signed_at=now,
        method=Method.STAFF,
        user=by,
        note=remark.strip()[:MOST_NOTE],
    )
    _bind(consent, signature)
    _replace(consent, now=now, by=by)
    consent.valid_until = _last_day(consent, now)
    move(consent, "countersign", now=now)
    settle_countersigning(consent, by=by, now=now)
    settle_renewal(consent, by=by, now=now)
    settle_how_it_goes_on(consent, by=by, now=now)
    keep_asks_of(now=now, patient=consent.patient)
    note(by, now, "countersign", consent, {"until": consent.valid_until.isoformat()})
    return consent


def check_ready(consent: Consent, now: datetime) -> None:
    """Whether everything that comes before the patient's signature is done. Raises `NotAllowedNow`."""
    opens = queries.signing_opens_at(consent.patient, now)
    if opens is not None:
        local = opens.astimezone(ZoneInfo(consent.site.time_zone))
        raise NotAllowedNow(
            _("It is too soon after a dose to sign. You can sign from %(when)s.")
            % {"when": formats.date_format(local, "SHORT_DATETIME_FORMAT")}
        )
    if any(section.read_at is None for section in queries.sections_of(consent)):
        raise NotAllowedNow(_("Read every section before signing."))
    if any(said is None for _question, said in queries.understanding_of(consent)):
        raise NotAllowedNow(_("Say in your own words what you understood before signing."))
    if queries.unanswered(consent).exists():
        raise NotAllowedNow(_("A question has no answer yet. Wait for it before signing."))
    if queries.is_outdated(consent, now):
        raise NotAllowedNow(_("The text has changed since it was offered. Cancel this one and offer it anew."))


def _check_name(consent: Consent, printed: str) -> None:
    patient = consent.patient
    if words(printed) != words(patient.name):
        raise BadInput(
            _("Type the name as it is in the record: %(name)s.") % {"name": patient.name}, field="printed_name"
        )


def _check_pen(drawn: str) -> None:
    if drawn and (len(drawn) > MOST_PEN or not PEN.fullmatch(drawn)):
        raise BadInput(_("The drawn signature could not be read. Draw it again."), field="drawn")


def _bind(consent: Consent, signature: Signature) -> None:
    """Tie the signature to the text as it is stored, after seeing that it is the text that was offered."""
    if not queries.is_bound(consent):
        raise NotAllowedNow(_("The stored text is not the one that was offered. Offer it anew."))
    signature.text_digest = consent.text_digest
    signature.seal = queries.seal(consent, signature)
    signature.save(force_insert=True)


def _replace(consent: Consent, *, by: User, now: datetime) -> None:
    for former in Consent.objects.filter(
        patient=consent.patient_id, drug=consent.drug, route=consent.route, state=ConsentState.VALID.value
    ).select_related("patient"):
        move(former, "supersede", now=now, reason=_("A newer consent was signed."))
        settle_renewal(former, by=by, now=now)
        note(by, now, "supersede", former)


def _last_day(consent: Consent, now: datetime) -> date:
    days = queries.rules_of(knowledge_for(consent.site, now)).valid_days
    signed = consent.signatures.get(party=Party.PATIENT).signed_at
    return signed.astimezone(ZoneInfo(consent.site.time_zone)).date() + timedelta(days=days)
