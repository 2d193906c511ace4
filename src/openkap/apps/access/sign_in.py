"""How django-allauth is bent to this house: who may sign in, what is kept, and where the trail is written."""

import base64
import os
from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openkap.apps.access import operations, queries, second_factor
from openkap.apps.access.models import User
from openkap.apps.audit.operations import SystemActor

# allauth tells of these by e-mail; we write them into the audit trail instead.
_EVENTS = {
    "account/email/password_changed": "access.change-password",
    "account/email/password_set": "access.change-password",
    "mfa/email/totp_activated": "access.add-totp",
    "mfa/email/totp_deactivated": "access.remove-totp",
    "mfa/email/webauthn_added": "access.add-passkey",
    "mfa/email/webauthn_removed": "access.remove-passkey",
    "mfa/email/recovery_codes_generated": "access.make-recovery-codes",
}
_SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
_RECENTLY_SECONDS = 300


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, no e-mail; every sign-in is a `SignIn`, every event a row of the trail."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This e-mail address and password do not belong together. Try again."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "incorrect_code": _("This code is not right, or has run out. Wait for the next one and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's signature
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only this very host: 'next' never leads elsewhere, not even to another host we serve."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def login(self, request: HttpRequest, user: User) -> None:
        methods = [
            record.get("type") or record["method"] for record in get_authentication_records(request, user)
        ]
        super().login(request, user)
        sign_in = operations.begin_sign_in(
            by=user,
            now=timezone.now(),
            address=self.get_client_ip(request),
            device=self.get_http_user_agent(request),
            methods=methods,
        )
        request.session[queries.SIGN_IN_KEY] = str(sign_in.public_id)
        if sign_in.for_portal:  # the telephone is their own, so it outlives the browser
            request.session.set_expiry(timedelta(days=settings.OPENKAP_PORTAL_DAYS))

    def logout(self, request: HttpRequest) -> None:
        sign_in = getattr(request, "sign_in", None)
        if sign_in is not None:
            operations.end_sign_in(by=sign_in.user, now=timezone.now(), sign_in=sign_in)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        user = queries.user_by_email(str(credentials.get("email", "")))
        if user is not None:
            record_refused(user, "password")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A patient's code opens a locked telephone; it is no password to sign in with from anywhere."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None and queries.is_patient(user) and not _is_made_up(user):
            self.authentication_failed(request, **credentials)
            return None
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """allauth would look for an address it had verified itself; ours are written by administrators."""
        found = super().authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not in the first minutes after signing in: enrolment follows it at once."""
        records = get_authentication_records(self.request, self.request.user)
        newest = max((record["at"] for record in records), default=0)
        if timezone.now().timestamp() - newest < _RECENTLY_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def send_notification_mail(
        self, template_prefix: str, user: User, *_args: object, **_kwargs: object
    ) -> None:
        """Goes to the audit trail: a mailbox is no safe place for it, and the trail is read daily."""
        now = timezone.now()
        with transaction.atomic():
            if template_prefix == "account/email/password_changed":
                operations.end_all_sign_ins(
                    by=user, now=now, user=user, but=getattr(self.request, "sign_in", None)
                )
            operations.record_security_event(
                by=user, now=now, action=_EVENTS.get(template_prefix, "access.security-event"), user=user
            )

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in _SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets are encrypted at rest; staff cannot remove their last factor."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "This is your only second factor. Add another one before removing it."
        ),
        "incorrect_code": _("This code is not right, or has run out. Wait for the next one and try again."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=second_factor.FACTORS).exclude(
            pk=authenticator.pk
        )
        return others.exists() or not second_factor.is_required(user)

    def get_totp_label(self, user: User) -> str:
        return user.email

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 -- allauth's signature
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey {number}").format(number=count + 1)

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        raw = base64.b64decode(encrypted_text)
        return AESGCM(_key()).decrypt(raw[:12], raw[12:], None).decode()


def record_refused(user: User, method: str) -> None:
    """Keep a refused attempt to sign in as `user`. Who tried is unknown, so the actor is the system."""
    operations.record_security_event(
        by=SystemActor(),
        now=timezone.now(),
        action="access.refuse-sign-in",
        user=user,
        details={"method": method},
    )


def _is_made_up(user: User) -> bool:
    """Whether it is a patient of a demonstration clinic, on a server started for demonstration."""
    return bool(settings.DEMONSTRATION and user.is_demonstration)


def _key() -> bytes:
    """The key of authenticator secrets, from the installation's secret, which is not in the database."""
    return HKDF(SHA256(), 32, salt=None, info=b"openkap authenticator secrets").derive(
        settings.SECRET_KEY.encode()
    )


def sign_in_by_link(request: HttpRequest, user: User) -> None:
    """Let a patient in who opened a link of theirs: no password, no second factor."""
    record_authentication(request, user, method="link")
    get_adapter(request).login(request, user)
