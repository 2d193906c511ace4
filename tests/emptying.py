"""Emptying a database between tests, by its rows: TRUNCATE makes new files for every table and takes longer."""

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

# What migrating itself wrote, and who is at work now.
KEPT = ("django_migrations", "django_content_type", "auth_permission", "procrastinate_workers")


def empty(connection: psycopg.Connection, *, first_numbers: bool = False) -> None:
    """Delete every row, past the triggers that keep rows; `first_numbers`: number the next ones from 1 again.

    Waits for whoever is writing, and commits. Raises `psycopg.errors.DeadlockDetected` when they wait for us.
    """
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role TO replica")
        tables = _tables(connection)
        connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(_listed(tables)))
        for table in _with_rows(connection, tables):
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
        if first_numbers:
            connection.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )


def _tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)", (list(KEPT),)
    )
    return [name for (name,) in found]


def _with_rows(connection: psycopg.Connection, tables: list[str]) -> list[str]:
    asked = [SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(Literal(t), Identifier(t)) for t in tables]
    return [name for (name,) in connection.execute(SQL(" UNION ALL ").join(asked))]


def _listed(tables: list[str]) -> Composable:
    return SQL(", ").join(Identifier(table) for table in tables)
