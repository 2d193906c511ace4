"""Deciding what may act and which words are licensed: the medical director, never from inside a chart."""

from datetime import date, datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openkap import knowledge
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.knowledge_base import permissions, queries
from openkap.apps.knowledge_base.models import SignOff, WordingPack
from openkap.apps.sites.models import Site
from openkap.core.psychometrics import failing_examples
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge.packs import check_pack, read_pack, with_words
from openkap.knowledge.schema.instrument import Instrument


@transaction.atomic
def sign_off(
    *,
    by: User,
    now: datetime,
    record_id: str,
    version: int,
    site: Site | None,
    adopted: bool,
    reason: str = "",
) -> SignOff:
    """Adopt or reject one version of a record, at `site` or, with None, at every site.

    Raises `Refused`, `NotFound`; `BadInput` for a rejection without reason; `NotAllowedNow` when the version is
    not the one in force, or when a decision on it would change nothing.
    """
    permissions.check_signs(by, site)
    record = knowledge.load(now.date()).record(record_id)
    if record.version != version:
        raise NotAllowedNow(_("This record has a newer version. Read it, then decide."))
    if not queries.can_be_decided(record):
        raise NotAllowedNow(_("This record acts as it is, or only states facts; there is nothing to decide."))
    if not adopted and not reason.strip():
        raise BadInput(_("Say why it is rejected."), field="reason")
    decided = SignOff.objects.create(
        site=site,
        record_id=record_id,
        version=version,
        adopted=adopted,
        reason=reason.strip(),
        decided_at=now,
        decided_by=by,
    )
    audit.record(
        by=by,
        now=now,
        action="knowledge_base.sign-off",
        subject=audit.Subject("sign-off", decided.public_id, site_id=site.pk if site else None),
        details={"record": record_id, "version": version, "adopted": adopted},
    )
    return decided


@transaction.atomic
def add_pack(
    *, by: User, now: datetime, site: Site, raw: bytes, licence: str, expires_on: date | None
) -> WordingPack:
    """Take up the words of an instrument under the site's licence, which the director answers for.

    Raises `Refused`, `BadInput`; `NotAllowedNow` while another pack of the instrument is in force.
    """
    permissions.check_signs(by, site)
    pack = read_pack(raw)
    known = knowledge.load(now.date()).instruments.get(pack.id)
    if known is None:
        raise BadInput(_("There is no questionnaire of that name here."), field="file")
    check_pack(pack, known)
    _check_examples(pack, known)
    if not licence.strip():
        raise BadInput(_("Say under which licence the site may use these words."), field="licence")
    if expires_on is not None and expires_on < now.date():
        raise BadInput(_("That licence has run out."), field="expires_on")
    try:
        with transaction.atomic():
            kept = WordingPack.objects.create(
                site=site,
                instrument_id=pack.id,
                version=pack.version,
                content=raw.decode("utf-8"),
                sha256=sha256(raw).hexdigest(),
                licence=licence.strip(),
                expires_on=expires_on,
                signed_at=now,
                signed_by=by,
            )
    except IntegrityError:
        raise NotAllowedNow(_("Withdraw the words that are in use first.")) from None
    _note_pack(by, now, kept, "knowledge_base.add-pack")
    return kept


@transaction.atomic
def withdraw_pack(*, by: User, now: datetime, pack: WordingPack) -> None:
    """Stop using a pack; what was answered with it stays readable. Raises `Refused`, `NotAllowedNow`."""
    permissions.check_signs(by, pack.site)
    pack = WordingPack.objects.select_for_update().get(pk=pack.pk)
    if pack.withdrawn_at is not None:
        raise NotAllowedNow(_("It is withdrawn already."))
    pack.withdrawn_at, pack.withdrawn_by = now, by
    pack.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _note_pack(by, now, pack, "knowledge_base.withdraw-pack")


def _check_examples(pack: Instrument, known: Instrument) -> None:
    """Refuse a pack whose own worked examples do not come out: something in it may be turned round."""
    worded = with_words(known, pack).model_copy(update={"examples": pack.examples})
    if failing := failing_examples(worded):
        raise BadInput(
            _("A worked example of the pack does not come out: %(example)s.")
            % {"example": failing[0].rstrip(".")},
            field="file",
        )


def _note_pack(by: User, now: datetime, pack: WordingPack, action: str) -> None:
    subject = audit.Subject("wording-pack", pack.public_id, site_id=pack.site_id)
    details = {"instrument": pack.instrument_id, "version": pack.version, "sha256": pack.sha256}
    audit.record(by=by, now=now, action=action, subject=subject, details=details)
