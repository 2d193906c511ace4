"""Forms of signing in and of the settings pages."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import ROLE_NAMES, Role

_CODE = {"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "spellcheck": "false"}


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("E-mail")
        login.widget.attrs = {"autocomplete": "username webauthn", "autofocus": True, "maxlength": "254"}
        password.help_text = ""
        password.widget.attrs = {"autocomplete": "current-password"}


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].help_text = _(
            "Six digits from your authenticator app, or one of your recovery codes."
        )
        self.fields["code"].widget.attrs = dict(_CODE)

    def _emit_authentication_failed(self, authenticator: Any) -> None:
        from openkap.apps.access.sign_in import record_refused  # noqa: PLC0415 -- allauth loads forms first

        record_refused(self.user, authenticator.type)


class ActivateTOTPForm(AllauthActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code the app shows now")
        self.fields["code"].widget.attrs = {**_CODE, "inputmode": "numeric"}


# What a malformed answer of a browser makes the parsers below allauth raise; it trusts the browser's script.
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class _PasskeyAnswer:
    """An answer that is no passkey's is refused, whatever it is made of."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except _MALFORMED as error:
            raise _not_a_passkey() from error


class SignInByPasskeyForm(_PasskeyAnswer, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of the password."""


class SecondFactorPasskeyForm(_PasskeyAnswer, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""


class ConfirmByPasskeyForm(_PasskeyAnswer, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey to show that the same person is still there."""


def _not_a_passkey() -> ValidationError:
    return ValidationError(_("This is not a passkey of this account. Try again."), code="not-a-passkey")


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey. Each one can be used alone, so each is asked to check who holds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this passkey")
        self.fields["name"].help_text = _("Such as 'work phone' or 'blue key'.")
        del self.fields["passwordless"]

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except _MALFORMED as error:
            raise _not_a_passkey() from error
        return cleaned


class FirstPasswordForm(forms.Form):
    """The first password of a new account."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Three or four unrelated words are easy to keep in mind."),
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") != data.get("again"):
            self.add_error("again", _("The two are not the same."))
        return data


class AddUserForm(forms.Form):
    """A new member of staff with a first role."""

    full_name = forms.CharField(label=_("Name"), max_length=120)
    credentials = forms.CharField(
        label=_("Credentials"), max_length=40, required=False, help_text=_("Such as MD, RN, LMFT.")
    )
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("To sign in with; nothing is sent.")
    )
    site = forms.UUIDField(label=_("Site"), widget=forms.Select)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].widget = forms.Select(choices=sites)
        self.fields["role"] = role_field()


class GrantRoleForm(forms.Form):
    """One more role."""

    site = forms.UUIDField(label=_("Site"), widget=forms.Select)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].widget = forms.Select(choices=sites)
        self.fields["role"] = role_field()


class SiteForm(forms.Form):
    """A site's own data."""

    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    jurisdiction = forms.RegexField(
        r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        label=_("Jurisdiction"),
        max_length=16,
        help_text=_("Country and state whose rules apply, such as US-CA."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(name, name) for name in sorted(available_timezones())]
        )


def role_field() -> forms.ChoiceField:
    """Every role staff may have."""
    staff = [(role.value, name) for role, name in ROLE_NAMES.items() if role is not Role.PATIENT]
    return forms.ChoiceField(label=_("Role"), choices=staff)
