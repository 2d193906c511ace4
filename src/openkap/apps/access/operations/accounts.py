"""Accounts: adding, closing, and getting someone in again who lost the way to sign in.

No e-mail is sent: the administrator hands over a link that works once, so that a mailbox is never a factor.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access import permissions
from openkap.apps.access.models import User
from openkap.apps.access.operations.sign_ins import end_all_sign_ins
from openkap.apps.access.operations.subjects import user_subject
from openkap.apps.audit import operations as audit
from openkap.errors import BadInput, NotAllowedNow

LONGEST_NAME = 120
LONGEST_EMAIL = 254


@transaction.atomic
def add_user(
    *,
    by: audit.Actor,
    now: datetime,
    email: str,
    full_name: str,
    credentials: str = "",
    language: str = "en",
    password: str | None = None,
    is_demonstration: bool = False,
) -> User:
    """Add an account without a role. Without `password` it is entered by `set_up_token` first.

    Raises `Refused`; `BadInput` for an address that is wrong or taken, or a password that is too weak.
    """
    permissions.check_manages_staff(by)
    user = User(
        email=_usable_email(email),
        full_name=_usable_name(full_name),
        credentials=credentials.strip(),
        language=language,
        is_demonstration=is_demonstration,
    )
    if password is None:
        user.set_unusable_password()
    else:
        _give_password(user, password)
    user.save()
    audit.record(by=by, now=now, action="access.add-user", subject=user_subject(user))
    return user


@transaction.atomic
def choose_language(*, by: User, now: datetime, language: str) -> None:
    """Have the pages speak `language` to `by` from now on. Raises `BadInput` when they cannot."""
    if language not in dict(settings.LANGUAGES):
        raise BadInput(_("OpenKAP does not speak this language yet."), field="language")
    by.language = language
    by.save(update_fields=["language"])
    audit.record(by=by, now=now, action="access.choose-language", subject=user_subject(by))


@transaction.atomic
def close_account(*, by: audit.Actor, now: datetime, user: User) -> None:
    """Nobody signs in with this account any more, and it is signed out everywhere at once."""
    permissions.check_not_oneself(by, user)
    permissions.check_manages_everywhere(by, user)
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise NotAllowedNow(_("This account is closed already."))
    user.refresh_from_db()
    end_all_sign_ins(by=by, now=now, user=user)
    audit.record(by=by, now=now, action="access.close-account", subject=user_subject(user))


@transaction.atomic
def reopen_account(*, by: audit.Actor, now: datetime, user: User) -> None:
    """Let the account sign in again, with the roles it had."""
    permissions.check_not_oneself(by, user)
    permissions.check_manages_staff(by)
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise NotAllowedNow(_("This account is open already."))
    user.refresh_from_db()
    permissions.check_manages_everywhere(by, user)
    audit.record(by=by, now=now, action="access.reopen-account", subject=user_subject(user))


@transaction.atomic
def forget_second_factors(*, by: audit.Actor, now: datetime, user: User) -> None:
    """For someone who lost phone and keys: password and factors are void, and a set-up link begins anew.

    The administrator has made sure who it is, face to face or by a call back.
    """
    permissions.check_not_oneself(by, user)
    permissions.check_manages_everywhere(by, user)
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_all_sign_ins(by=by, now=now, user=user)
    audit.record(by=by, now=now, action="access.forget-factors", subject=user_subject(user))


@transaction.atomic
def set_up_token(*, by: audit.Actor, now: datetime, user: User) -> str:
    """A token for `set_first_password`: valid three days, void once used. Raises `NotAllowedNow`."""
    permissions.check_manages_everywhere(by, user)
    if user.has_usable_password():
        raise NotAllowedNow(_("This person has a password. Void it first, if they can no longer sign in."))
    if not user.is_active:
        raise NotAllowedNow(_("This account is closed. Open it first."))
    audit.record(by=by, now=now, action="access.set-up-link", subject=user_subject(user))
    return default_token_generator.make_token(user)


@transaction.atomic
def set_first_password(*, now: datetime, user: User, token: str, password: str) -> None:
    """Use a set-up token. Raises `NotAllowedNow` if it is void, `BadInput` for a weak password."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active or not default_token_generator.check_token(user, token):
        raise NotAllowedNow(_("This link has been used or has run out. Ask your administrator for a new one."))
    _give_password(user, password)
    user.save(update_fields=["password"])
    audit.record(by=user, now=now, action="access.set-first-password", subject=user_subject(user))


def _give_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), field="password") from error
    user.set_password(password)


def _usable_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError as error:
        raise BadInput(_("This is not an e-mail address."), field="email") from error
    if User.objects.filter(email=email).exists():
        raise BadInput(_("Someone signs in with this e-mail address already."), field="email")
    return email


def _usable_name(full_name: str) -> str:
    full_name = " ".join(full_name.split())
    if not full_name:
        raise BadInput(_("Write the name as colleagues know it."), field="full_name")
    if len(full_name) > LONGEST_NAME:
        raise BadInput(_("This name is too long to be shown."), field="full_name")
    return full_name
