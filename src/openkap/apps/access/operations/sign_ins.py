"""Beginning and ending sign-ins, idle time, and what else happens around signing in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access import queries
from openkap.apps.access.models import SignIn, User
from openkap.apps.access.operations.subjects import user_subject
from openkap.apps.audit import operations as audit
from openkap.errors import Refused

# Activity is noted at most this often: a page with many small requests writes one row, not one each.
NOTED_EVERY = timedelta(seconds=10)


@transaction.atomic
def begin_sign_in(*, by: User, now: datetime, address: str | None, device: str, methods: list[str]) -> SignIn:
    """Someone has proved who they are, by `methods` such as password and totp."""
    sign_in = SignIn.objects.create(
        user=by,
        began_at=now,
        last_active_at=now,
        address=address,
        device=device[:300],
        for_portal=queries.is_patient(by),
    )
    audit.record(
        by=by, now=now, action="access.sign-in", subject=user_subject(by), details={"methods": methods}
    )
    return sign_in


@transaction.atomic
def end_sign_in(*, by: User, now: datetime, sign_in: SignIn) -> None:
    """Sign out one's own sign-in, here or on another device; ending it twice is no fault."""
    if sign_in.user_id != by.pk:
        raise Refused(_("This is not your sign-in."))
    if SignIn.objects.filter(pk=sign_in.pk, ended_at__isnull=True).update(ended_at=now):
        audit.record(by=by, now=now, action="access.sign-out", subject=user_subject(by))


@transaction.atomic
def end_all_sign_ins(*, by: audit.Actor, now: datetime, user: User, but: SignIn | None = None) -> int:
    """Sign a user out everywhere, `but` for one sign-in. The calling operation has checked permission."""
    living = SignIn.objects.filter(user=user, ended_at__isnull=True)
    if but is not None:
        living = living.exclude(pk=but.pk)
    ended = living.update(ended_at=now)
    if ended:
        audit.record(
            by=by, now=now, action="access.sign-out-all", subject=user_subject(user), details={"count": ended}
        )
    return ended


def note_activity(sign_in: SignIn, now: datetime) -> None:
    """Someone works: idle time begins anew. A locked sign-in stays locked; only `unlock_entry` opens it."""
    if now - sign_in.last_active_at < NOTED_EVERY:
        return
    newest_locked = now - queries.idle_time(sign_in)
    SignIn.objects.filter(pk=sign_in.pk, last_active_at__gte=newest_locked).update(last_active_at=now)


@transaction.atomic
def lock_entry(*, by: User, now: datetime, sign_in: SignIn) -> None:
    """Lock one's own sign-in at once, as if nobody had worked for long: somebody else is looking."""
    if sign_in.user_id != by.pk:
        raise Refused(_("This is not your sign-in."))
    long_ago = now - queries.idle_time(sign_in) - timedelta(minutes=1)
    SignIn.objects.filter(pk=sign_in.pk).update(last_active_at=long_ago)


@transaction.atomic
def unlock_entry(*, by: User, now: datetime, sign_in: SignIn, method: str) -> None:
    """The person at the screen has proved again who they are."""
    SignIn.objects.filter(pk=sign_in.pk, ended_at__isnull=True).update(last_active_at=now)
    audit.record(by=by, now=now, action="access.unlock", subject=user_subject(by), details={"method": method})


@transaction.atomic
def record_security_event(
    *, by: audit.Actor, now: datetime, action: str, user: User, details: Mapping[str, object] | None = None
) -> None:
    """Keep what happened to the ways a user signs in: refused attempts, factors added or removed."""
    audit.record(by=by, now=now, action=action, subject=user_subject(user), details=details)
