"""What a migration leaves: a database in the present form, and a server's login with its rights alone."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo
from tests.template import SERVER_LOGIN

from openkap.config.migrating import append_only_tables, migrate, pending

pytestmark = pytest.mark.django_db


def address(user: str | None = None) -> str:
    parts = settings.DATABASES["default"]
    place = {"dbname": connection.settings_dict["NAME"], "host": parts["HOST"], "port": parts["PORT"] or None}
    login = {"user": user, "password": user} if user else {"user": parts["USER"], "password": parts["PASSWORD"]}
    return make_conninfo(**place, **login)


def test_a_migrated_database_lacks_nothing() -> None:
    assert pending() == []
    assert migrate(owner=address(), app=address(SERVER_LOGIN)).applied == []


def test_a_missing_migration_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sites' AND name = '0001_initial'")
    assert "sites.0001_initial" in pending()


def test_the_trail_is_kept_append_only() -> None:
    assert {"audit_row", "audit_seal"} <= set(append_only_tables())


@pytest.mark.parametrize(
    ("table", "allowed"),
    [
        ("audit_row", {"SELECT", "INSERT"}),
        ("audit_seal", {"SELECT", "INSERT"}),
        ("django_migrations", {"SELECT"}),
        ("people_patient", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
        ("procrastinate_jobs", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
    ],
)
def test_the_servers_login_has_these_rights_and_no_others(table: str, allowed: set[str]) -> None:
    rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    with psycopg.connect(address(SERVER_LOGIN)) as app:
        found = {
            right
            for right in rights
            if app.execute("SELECT has_table_privilege(%s, %s)", (table, right)).fetchone() == (True,)
        }
    assert found == allowed


def test_the_servers_login_cannot_switch_the_triggers_off() -> None:
    with psycopg.connect(address(SERVER_LOGIN)) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SET session_replication_role TO replica")
