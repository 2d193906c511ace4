"""Django settings. What differs between installations comes from the environment (docs/reference)."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from openkap.config.home import home_directory

PACKAGE = Path(__file__).resolve().parent.parent


def database(url: str) -> dict[str, Any]:
    """Turn a libpq URL or conninfo string into Django's database settings."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    named = {
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        "OPTIONS": parts,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


HOME = home_directory()
DEBUG = os.environ.get("OPENKAP_DEBUG") == "1"
# `openkap serve` makes a key in OPENKAP_HOME and hands it on; check openkap.E001 refuses to serve without.
SECRET_KEY = os.environ.get("OPENKAP_SECRET_KEY") or "insecure-only-for-commands-that-serve-nobody"
ALLOWED_HOSTS = os.environ.get("OPENKAP_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("OPENKAP_ORIGINS", "").split(",") if o]
DATABASE_URL = os.environ.get("OPENKAP_DATABASE_URL", "")
DATABASES = {"default": database(DATABASE_URL or "postgresql:///openkap")}
if os.environ.get("OPENKAP_POOL") == "1":  # web processes: more threads than work at the same time
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 20, "timeout": 5}
# Lines of JSON, to the error stream or the file that `openkap serve` names.
LOGGING_CONFIG = "openkap.config.logs.configure"
LOGGING = {"file": os.environ.get("OPENKAP_LOG_FILE"), "level": os.environ.get("OPENKAP_LOG_LEVEL", "INFO")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "openkap.apps.audit",
    "openkap.apps.sites",
    "openkap.apps.access",
    "openkap.apps.knowledge_base",
    "openkap.apps.people",
    "openkap.apps.inbox",
    "openkap.apps.messages",
    "openkap.apps.tasks",
    "openkap.apps.portal",
    "openkap.apps.chart",
    "openkap.apps.safety",
    "openkap.apps.measures",
    "openkap.apps.lifestyle",
    "openkap.apps.journal",
    "openkap.apps.intake",
    "openkap.apps.assessment",
    "openkap.apps.consent",
    "openkap.apps.planning",
    "openkap.apps.dosing",
    "openkap.apps.therapy",
    "openkap.web",
    "openkap.jobs",
    "openkap.config",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "openkap.web.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "openkap.apps.access.middleware.HeadersMiddleware",
    "openkap.web.middleware.LanguageMiddleware",
    "openkap.web.middleware.DraftMiddleware",
    "openkap.web.middleware.ExpectedErrorMiddleware",
    "openkap.apps.access.middleware.JsonErrorsMiddleware",
    "openkap.apps.access.middleware.SignInMiddleware",
    "openkap.apps.access.middleware.PolicyMiddleware",
    "openkap.web.middleware.PlainTextMiddleware",
    "openkap.web.middleware.SiteClockMiddleware",
    "openkap.web.middleware.OnePageMiddleware",
]

ROOT_URLCONF = "openkap.config.urls"
ASGI_APPLICATION = "openkap.config.asgi.application"
AUTH_USER_MODEL = "access.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

AUDIT_HEADS = HOME / "audit-heads"  # ends of the audit chain, kept outside the database

# Signing in (docs/adr): django-allauth does the protocols, apps.access decides.
DEMONSTRATION = os.environ.get("OPENKAP_DEMO") == "1"  # its people sign in without second factor
OPENKAP_IDLE_MINUTES = int(os.environ.get("OPENKAP_IDLE_MINUTES", "10"))  # then entry is locked
OPENKAP_SIGN_IN_HOURS = int(os.environ.get("OPENKAP_SIGN_IN_HOURS", "12"))  # then everyone signs in anew
# Patients sign in from their own telephone: for longer, and by links that they ask for.
OPENKAP_PORTAL_DAYS = int(os.environ.get("OPENKAP_PORTAL_DAYS", "14"))
OPENKAP_PORTAL_IDLE_MINUTES = int(os.environ.get("OPENKAP_PORTAL_IDLE_MINUTES", "30"))
OPENKAP_INVITATION_HOURS = int(os.environ.get("OPENKAP_INVITATION_HOURS", "72"))
OPENKAP_LINK_MINUTES = int(os.environ.get("OPENKAP_LINK_MINUTES", "30"))
OPENKAP_QUICK_EXIT = os.environ.get("OPENKAP_QUICK_EXIT", "https://www.wikipedia.org/")
PORTAL_SIGN_IN = "/sign-in/link/"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "full_name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # how long a set-up link lives
SESSION_COOKIE_AGE = OPENKAP_SIGN_IN_HOURS * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "openkap.apps.access.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
ACCOUNT_ADAPTER = "openkap.apps.access.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False  # the cookie ends with the browser: workstations are shared
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_FORMS = {"login": "openkap.apps.access.forms.SignInForm"}
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "portal_ask": "20/m/ip,5/10m/key",
    "portal_link": "30/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("OPENKAP_PROXIES", "0"))
MFA_ADAPTER = "openkap.apps.access.sign_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are written by administrators, not claimed by strangers
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "OpenKAP"
MFA_FORMS = {
    "authenticate": "openkap.apps.access.forms.SecondFactorForm",
    "add_webauthn": "openkap.apps.access.forms.AddPasskeyForm",
    "login_webauthn": "openkap.apps.access.forms.SignInByPasskeyForm",
    "authenticate_webauthn": "openkap.apps.access.forms.SecondFactorPasskeyForm",
    "reauthenticate_webauthn": "openkap.apps.access.forms.ConfirmByPasskeyForm",
    "activate_totp": "openkap.apps.access.forms.ActivateTOTPForm",
}
# Every web process must see the same attempts, so limits on guessing are kept in the database.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "access_cache"},
}

# Over HTTPS by a proxy that terminates TLS and sets X-Forwarded-Proto.
OPENKAP_HTTPS = os.environ.get("OPENKAP_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = OPENKAP_HTTPS
SECURE_SSL_REDIRECT = OPENKAP_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if OPENKAP_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if OPENKAP_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = OPENKAP_HTTPS


# Messages (docs/reference/environment.md). Addresses in them begin with the first of OPENKAP_ORIGINS.
PUBLIC_ADDRESS = (CSRF_TRUSTED_ORIGINS or ["http://localhost:8000"])[0].rstrip("/")
EMAIL_HOST = os.environ.get("OPENKAP_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("OPENKAP_MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("OPENKAP_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("OPENKAP_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("OPENKAP_MAIL_TLS", "1") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("OPENKAP_MAIL_FROM", EMAIL_HOST_USER or "openkap@localhost")
MAIL_READY = bool(EMAIL_HOST)
SMS_GATEWAY = {
    "url": os.environ.get("OPENKAP_SMS_URL", ""),
    "token": os.environ.get("OPENKAP_SMS_TOKEN", ""),
    "sender": os.environ.get("OPENKAP_SMS_FROM", ""),
    "fields": os.environ.get("OPENKAP_SMS_FIELDS", ""),
    "form": os.environ.get("OPENKAP_SMS_FORMAT", "json"),
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "openkap.web.context.shell",
            ],
        },
    },
]

STATIC_URL = "/static/"
# Built files carry a hash in their names (web/build.mjs): served as they are, nothing to collect.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/built/.+-[0-9A-Z]{8}\.\w+$"
STATIC_ROOT = None

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
FORMAT_MODULE_PATH = ["openkap.config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Only our own files; scripts only under the page's nonce (docs/adr). `data:` are Tabler's small marks.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "openkap.web.views.errors.csrf_failure"
