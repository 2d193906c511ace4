"""Accounts of patients: made when they are invited, entered by links and passkeys, never by a password.

The address of such an account is made up and said to nobody: where a patient is written to stands in their
record, and two people may share it. A code of six digits opens a locked telephone again; it signs nobody in.
"""

import re
import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access import permissions, queries
from openkap.apps.access.models import Membership, SignIn, User
from openkap.apps.access.operations.sign_ins import end_all_sign_ins
from openkap.apps.access.operations.subjects import user_subject
from openkap.apps.access.roles import Role
from openkap.apps.audit import operations as audit
from openkap.apps.sites.models import Site
from openkap.errors import BadInput, NotAllowedNow, Refused

CODE = re.compile(r"[0-9]{6}")
NOWHERE = "portal.invalid"  # RFC 2606: nothing is ever delivered there
LONGEST_NAME = 120


@transaction.atomic
def add_patient_account(
    *, by: audit.Actor, now: datetime, site: Site, full_name: str, language: str, is_demonstration: bool = False
) -> User:
    """An account that is a patient at `site` and nothing else. Raises `Refused`."""
    permissions.check_may_invite(by, site.pk)
    user = User(
        email=f"{secrets.token_hex(16)}@{NOWHERE}",
        full_name=full_name[:LONGEST_NAME],
        language=language,
        is_demonstration=is_demonstration,
    )
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, site=site, role=Role.PATIENT.value, began_at=now)
    audit.record(by=by, now=now, action="access.add-patient-account", subject=user_subject(user, site.pk))
    return user


@transaction.atomic
def close_patient_account(*, by: audit.Actor, now: datetime, user: User) -> None:
    """Nobody signs in with it any more, and it is signed out everywhere. Raises `Refused`, `NotAllowedNow`."""
    if not queries.is_patient(user):
        raise NotAllowedNow(_("This account is not a patient's."))
    for site_id in queries.roles_of(user):
        permissions.check_may_invite(by, site_id)
    Membership.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now)
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.is_active = False
    user.save(update_fields=["password", "is_active"])
    end_all_sign_ins(by=by, now=now, user=user)
    audit.record(by=by, now=now, action="access.close-account", subject=user_subject(user))


@transaction.atomic
def choose_code(*, by: User, now: datetime, code: str) -> None:
    """Six digits that open one's own telephone again. Raises `Refused` for staff, `BadInput` for easy ones."""
    if not queries.is_patient(by):
        raise Refused(_("Only patients have a code; staff have a password."))
    if not CODE.fullmatch(code):
        raise BadInput(_("The code is six digits."), field="code")
    if len(set(code)) < 3 or code in "01234567890" or code in "09876543210":
        raise BadInput(_("This code is among the first that people try. Choose another one."), field="code")
    by.set_password(code)
    by.save(update_fields=["password"])
    audit.record(by=by, now=now, action="access.choose-code", subject=user_subject(by))


@transaction.atomic
def give_demonstration_password(*, now: datetime, user: User, email: str, password: str) -> None:
    """Let a made-up patient sign in with an address and a password. Raises `Refused` for anybody else.

    It works only on a server started for demonstration (`sign_in.AccountAdapter`).
    """
    if not (user.is_demonstration and queries.is_patient(user)):
        raise Refused(_("Only made-up patients of a demonstration have a password."))
    user.email = email
    user.set_password(password)
    user.save(update_fields=["email", "password"])
    audit.record(
        by=audit.SystemActor(), now=now, action="access.set-first-password", subject=user_subject(user)
    )


def can_unlock(sign_in: SignIn) -> bool:
    """Whether the person has a way to open this sign-in again once it is locked: code or passkey."""
    user = sign_in.user
    keys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return user.has_usable_password() or bool(keys.exists())
