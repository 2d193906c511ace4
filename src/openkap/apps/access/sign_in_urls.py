"""The routes of django-allauth this product needs, under its own addresses and policies; no others are mounted.

Their names are allauth's, which reverses them itself; so these stand outside the app's namespace.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path

from openkap.apps.access.policy import Policy, under
from openkap.apps.access.roles import Permission
from openkap.apps.access.views import security

ANYONE = Policy(None, None)
SELF = Policy(Permission.SIGNED_IN, Permission.SIGNED_IN, while_enrolling=True)

urlpatterns: list[URLPattern] = [
    path("sign-in/", under(ANYONE, account.login), name="account_login"),
    path("sign-in/passkey/", under(ANYONE, webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/second-factor/", under(ANYONE, mfa.authenticate), name="mfa_authenticate"),
    path("sign-in/closed/", under(ANYONE, account.account_inactive), name="account_inactive"),
    path("sign-out/", under(ANYONE, account.logout), name="account_logout"),
    path("settings/security/", security.own_security, name="mfa_index"),
    path("settings/security/password/", under(SELF, account.password_change), name="account_change_password"),
    path("settings/security/password/first/", under(SELF, account.password_set), name="account_set_password"),
    path("settings/security/confirm/", under(SELF, account.reauthenticate), name="account_reauthenticate"),
    path("settings/security/confirm/code/", under(SELF, mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "settings/security/confirm/passkey/",
        under(SELF, webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("settings/security/app/", under(SELF, totp.activate_totp), name="mfa_activate_totp"),
    path("settings/security/app/remove/", under(SELF, totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "settings/security/codes/",
        under(SELF, recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "settings/security/codes/new/",
        under(SELF, recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("settings/security/passkeys/", security.to_security, name="mfa_list_webauthn"),
    path("settings/security/passkeys/add/", under(SELF, webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "settings/security/passkeys/<int:pk>/name/",
        under(SELF, webauthn.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path("settings/security/passkeys/<int:pk>/remove/", security.remove_passkey, name="mfa_remove_webauthn"),
]
