"""What every test shares: one database server for the run, no network, modest random examples."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from openkap.adapters.postgres.places import remove
from openkap.adapters.postgres.server import THROW_AWAY, EmbeddedServer, Passwords
from openkap.config.settings import database
from tests.template import template

ADDRESS = "OPENKAP_DATABASE_URL"
SECRET_KEY = "of the tests alone, and of the products they start"
NOT_DJANGOS = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers")
LOOPBACK = ("127.", "::1", "localhost")

hypothesis_settings.register_profile(
    "suite", max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "slow", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(os.environ.get("OPENKAP_EXAMPLES", "suite"))


def pytest_configure(config: pytest.Config) -> None:
    """Start the server of this run, unless one is named or the run's first process has started it."""
    refuse_other_hosts()
    settings.SECRET_KEY = SECRET_KEY
    if os.environ.get(ADDRESS) or hasattr(config, "workerinput"):
        return
    home = Path(tempfile.mkdtemp(prefix="openkap-tests-"))
    passwords = Passwords("tests-admin", "tests-owner", "tests-app")
    server = EmbeddedServer(home, passwords, settings=THROW_AWAY)

    def end() -> None:
        server.stop()
        remove(home)
        shutil.rmtree(home)

    config.add_cleanup(end)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside, clean up as after Ctrl-C
    server.start()
    use(server.addresses.admin)


def use(address: str) -> None:
    """Have Django, and the processes started by this one, use the server at `address`."""
    os.environ[ADDRESS] = address  # the other processes of this run inherit it
    settings.DATABASES["default"].clear()
    settings.DATABASES["default"].update(database(address))
    connections.configure_settings(settings.DATABASES)


def refuse_other_hosts() -> None:
    """Let no test reach another machine."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not str(address[0]).startswith(LOOPBACK):
            raise RuntimeError(f"a test tried to reach {address[0]}")
        connect(self, address)

    socket.socket.connect = only_here  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Clone the tests' databases from a migrated one."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = template(os.environ[ADDRESS])


@pytest.fixture(scope="session", autouse=True)
def emptying_past_the_triggers() -> Iterator[None]:
    """Let the emptying between tests pass the triggers that keep append-only tables as they are."""
    emptying = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, statements: list[str]) -> None:
        with transaction.atomic(), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role TO replica")
            cursor.execute(f"TRUNCATE {', '.join(NOT_DJANGOS)}")  # Django does not know these
            emptying(self, statements)

    DatabaseOperations.execute_sql_flush = without_triggers  # type: ignore[method-assign]
    yield
    DatabaseOperations.execute_sql_flush = emptying  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def closed_connections() -> Iterator[None]:
    """Leave no connection open when the server stops."""
    yield
    connections.close_all()
