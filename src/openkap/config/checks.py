"""System checks: what would go wrong in service, said before it starts, each with an id and what to do."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 (Django's word)
from django.db import connection

OLDEST_SERVER = 150_000  # PostgreSQL 15, as its server_version_num


@register(Tags.security, deploy=True)
def secret_key_is_own(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:  # noqa: ARG001
    """`openkap.E001`: sessions signed with a key that everybody knows protect nobody."""
    if not settings.SECRET_KEY.startswith("insecure"):
        return []
    return [
        Error(
            "There is no secret key, so sign-ins could be forged.",
            hint="Start with `openkap serve`, which makes one, or set OPENKAP_SECRET_KEY.",
            id="openkap.E001",
        )
    ]


@register(Tags.security, deploy=True)
def debugging_is_off(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:  # noqa: ARG001
    """`openkap.E002`: pages of a failing request in debugging mode show what it worked on."""
    if not settings.DEBUG:
        return []
    return [
        Error(
            "Debugging is on, which shows clinical data in error pages.",
            hint="Unset OPENKAP_DEBUG.",
            id="openkap.E002",
        )
    ]


@register(Tags.database)
def server_is_recent(
    app_configs: Sequence[Any] | None,  # noqa: ARG001
    databases: Sequence[str] | None = None,
    **_options: object,
) -> list[CheckMessage]:
    """`openkap.E003`: older servers lack what the constraints and the audit trail are built on."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
    if version >= OLDEST_SERVER:
        return []
    return [
        Error(
            f"The database server is PostgreSQL {version // 10_000}; 15 or later is needed.",
            hint="Name a newer server by OPENKAP_DATABASE_URL, or unset it to use the embedded one.",
            id="openkap.E003",
        )
    ]


@register(Tags.database, deploy=True)
def login_owns_nothing(
    app_configs: Sequence[Any] | None,  # noqa: ARG001
    databases: Sequence[str] | None = None,
    **_options: object,
) -> list[CheckMessage]:
    """`openkap.W001`: a login that owns the tables could rewrite the audit trail."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relowner = r.oid AND n.nspname = 'public') FROM pg_roles r WHERE rolname = current_user"
        )
        owns = bool(cursor.fetchone()[0])
    if not owns:
        return []
    return [
        Warning(
            "The server's login owns the tables, so whoever gains it could rewrite the audit trail.",
            hint="Give OPENKAP_DATABASE_URL a login of its own and name the owner by OPENKAP_MIGRATE_URL.",
            id="openkap.W001",
        )
    ]
