"""The logins of a database and what each may do.

`openkap_owner` owns the tables and changes them (migrations). `openkap_app` is whom the server connects as: it
owns nothing, so it cannot grant itself more. `openkap_admin` sets the embedded server up, no more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import LiteralString

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

ADMIN = "openkap_admin"
OWNER = "openkap_owner"
APP = "openkap_app"
DATABASE = "openkap"


@dataclass(frozen=True)
class Passwords:
    """The passwords of the three logins."""

    admin: str
    owner: str
    app: str


def set_up(admin: Connection, passwords: Passwords) -> None:
    """Make the logins and the database that are missing; give the logins their present passwords."""
    admin.autocommit = True
    for name, password in {OWNER: passwords.owner, APP: passwords.app}.items():
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
            admin.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(name)))
        # Only the verifier is sent, so that no password can reach a log.
        verifier = admin.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        admin.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(name), Literal(verifier)))
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
        admin.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(DATABASE), Identifier(OWNER)))
    admin.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(DATABASE)))
    admin.execute(
        SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(Identifier(DATABASE), Identifier(APP))
    )


RIGHTS: Mapping[str, LiteralString] = {
    "use": "GRANT USAGE ON SCHEMA public TO {app}",
    "rows": "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
    "counters": "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
    "later rows": "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "later counters": "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
}


def grant(owner: Connection, app: str, *, append_only: Iterable[str], read_only: Iterable[str]) -> None:
    """Let the login `app` do its work on every table of the database `owner` is connected to, and no more.

    On tables in `append_only` it may read and add rows; on those in `read_only` it may read. To be called after
    every migration; calling it again changes nothing.
    """
    with owner.transaction():
        for right in RIGHTS.values():
            owner.execute(SQL(right).format(app=Identifier(app)))
        for tables, taken in ((append_only, SQL("UPDATE, DELETE")), (read_only, SQL("INSERT, UPDATE, DELETE"))):
            for table in tables:
                owner.execute(SQL("REVOKE {} ON {} FROM {}").format(taken, Identifier(table), Identifier(app)))
