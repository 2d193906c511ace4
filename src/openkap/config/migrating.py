"""Bringing a database to the present form, with the owner's login."""

from dataclasses import dataclass

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from openkap.adapters.postgres.errors import ServerTrouble
from openkap.adapters.postgres.roles import grant

# What the audit app keeps is added to and read, never changed (triggers refuse it as well).
APPEND_ONLY_APP = "audit"
READ_ONLY_TABLES = ("django_migrations",)
ONE_AT_A_TIME = 7_305_160_211  # an advisory lock of ours


@dataclass(frozen=True)
class Migrated:
    """What a migration did: the names of the migrations applied."""

    applied: list[str]


def pending() -> list[str]:
    """Names of the migrations that the database still lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(*, owner: str, app: str) -> Migrated:
    """Apply what is pending and give the login of `app` its rights.

    Django must be connected as the login of `owner`. Both are connection strings. Two at once take turns.
    Raises `ServerTrouble` when the database cannot be reached.
    """
    with _connected(owner) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", (ONE_AT_A_TIME,))
        applied = pending()
        if applied:
            call_command("migrate", interactive=False, verbosity=0)
        _give_rights(lock, _login(owner), _login(app))
    return Migrated(applied)


def _connected(owner: str) -> psycopg.Connection:
    try:
        return psycopg.connect(owner, autocommit=True)
    except psycopg.OperationalError as error:
        raise ServerTrouble(f"The database cannot be reached. {error}".rstrip()) from error


def append_only_tables() -> list[str]:
    """Tables that the server may only read and add to."""
    models = apps.get_app_config(APPEND_ONLY_APP).get_models()
    return [model._meta.db_table for model in models]  # noqa: SLF001 (Django's documented interface)


def _give_rights(owner: psycopg.Connection, owner_login: str, app_login: str) -> None:
    if app_login == owner_login:
        return  # an installation with one login; check openkap.W001 says what that costs
    grant(owner, app_login, append_only=append_only_tables(), read_only=READ_ONLY_TABLES)


def _login(address: str) -> str:
    return str(conninfo_to_dict(address).get("user") or settings.DATABASES["default"]["USER"])
