"""A migrated database to clone from: tests start with it instead of applying every migration again."""

import hashlib
import os
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from tests.serving import OPENKAP

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "openkap"
SERVER_LOGIN = "openkap_tests_app"
ONE_AT_A_TIME = 615_243  # an advisory lock of the test run


def fingerprint() -> str:
    """Changes whenever a migration does."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.glob("**/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def with_database(address: str, name: str) -> str:
    """The same server and login, another database."""
    return make_conninfo(address, dbname=name)


def as_server(address: str) -> str:
    """The same database for the login that a server has in real use, which owns nothing."""
    return make_conninfo(address, user=SERVER_LOGIN, password=SERVER_LOGIN)


def template(address: str) -> str:
    """Name of a migrated database on the server at `address`, made by the first who asks."""
    prefix = f"{str(conninfo_to_dict(address).get('dbname') or 'openkap')[:24]}_template_"
    name = prefix + fingerprint()
    with psycopg.connect(with_database(address, "postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", (ONE_AT_A_TIME,))
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            _make(server, address, prefix, name)
    return name


def clone(address: str, template_name: str, name: str) -> str:
    """A copy of the template called `name`; returns its address."""
    with psycopg.connect(with_database(address, "postgres"), autocommit=True) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        server.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template_name))
        )
    return with_database(address, name)


def drop(address: str, name: str) -> None:
    """Drop a clone, whoever is connected to it."""
    with psycopg.connect(with_database(address, "postgres"), autocommit=True) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _make(server: psycopg.Connection, address: str, prefix: str, name: str) -> None:
    for (old,) in server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix,)):
        server.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(old)))
    if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (SERVER_LOGIN,)).fetchone():
        made = SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        server.execute(made.format(Identifier(SERVER_LOGIN), Literal(SERVER_LOGIN)))
    unfinished = f"{prefix}unfinished"
    server.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
    owner = with_database(address, unfinished)
    environment = {**os.environ, "OPENKAP_MIGRATE_URL": owner, "OPENKAP_DATABASE_URL": as_server(owner)}
    done = subprocess.run([OPENKAP, "migrate"], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"The database of the tests could not be migrated:\n{done.stderr}")
    server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(unfinished), Identifier(name)))
