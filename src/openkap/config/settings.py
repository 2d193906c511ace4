"""Django settings. What differs between installations comes from the environment (docs/reference)."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

PACKAGE = Path(__file__).resolve().parent.parent


def home_directory() -> Path:
    """Where data, keys and backups live: `OPENKAP_HOME`, else the user's data directory."""
    if named := os.environ.get("OPENKAP_HOME"):
        return Path(named).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "openkap"


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
    "openkap.apps.tasks",
    "openkap.apps.chart",
    "openkap.apps.measures",
    "openkap.apps.assessment",
    "openkap.apps.planning",
    "openkap.apps.dosing",
    "openkap.apps.therapy",
    "openkap.web",
    "openkap.jobs",
]

MIDDLEWARE = [
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
    "openkap.web.middleware.ExpectedErrorMiddleware",
    "openkap.apps.access.middleware.PolicyMiddleware",
]

ROOT_URLCONF = "openkap.config.urls"
ASGI_APPLICATION = "openkap.config.asgi.application"
AUTH_USER_MODEL = "access.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

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
STATIC_ROOT = HOME / "staticfiles"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
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
