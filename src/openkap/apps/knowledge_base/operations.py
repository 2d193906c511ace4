"""Deciding what may act: the medical director's sign-off, never from inside a patient's chart."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openkap import knowledge
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.knowledge_base import permissions, queries
from openkap.apps.knowledge_base.models import SignOff
from openkap.apps.sites.models import Site
from openkap.errors import BadInput, NotAllowedNow


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
