"""What every test shares: one database server for the run, no network, modest random examples."""

import gc
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from openkap.adapters.postgres.places import remove
from openkap.adapters.postgres.server import THROW_AWAY, EmbeddedServer, Passwords
from openkap.config.settings import database
from tests.emptying import empty
from tests.sharing import shares, worlds_of
from tests.template import template

ADDRESS = "OPENKAP_DATABASE_URL"
SECRET_KEY = "of the tests alone, and of the products they start"
LONG_FIRST = (
    *("tests/journeys/test_every_page.py", "tests/journeys/test_path.py", "tests/journeys/test_dosing.py"),
    *("tests/journeys", "tests/integration/jobs/demo", "tests/integration/config", "tests/integration/cli"),
    *("tests/generative/web", "tests/integration", "tests/generative", "tests/docs", "tests/verification"),
)
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
    if config.getoption("numprocesses", None):
        Thread(target=make_template, daemon=True).start()


def make_template() -> None:
    """Migrate while the tests are being collected; whoever needs the template waits for what is left of it."""
    with suppress(psycopg.Error, RuntimeError):  # they will make it, or tell why not
        template(os.environ[ADDRESS])


def pytest_collectstart() -> None:
    """What is collected stays: looking through it for garbage again and again takes seconds."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no process is left alone with it at the end."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    where = item.nodeid
    return next((place for place, start in enumerate(LONG_FIRST) if where.startswith(start)), len(LONG_FIRST))


def pytest_collection_finish() -> None:
    """From here on only what tests make is looked through for garbage."""
    gc.freeze()
    gc.enable()


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
    """Empty the database after a test with transactions of its own, append-only tables and the queue too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", lambda *_args, **_options: empty_default())
        yield


def empty_default() -> None:
    """Empty the database that Django works on; what its migrations wrote stays, so nothing is told of any."""
    connections["default"].ensure_connection()
    empty(connections["default"].connection)


@pytest.fixture(scope="module", autouse=True)
def shared_worlds(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What the tests of a module start from, by name (tests/sharing.py); nothing in most modules."""
    module = request.module.__name__
    if not shares(module):
        yield {}
        return
    request.getfixturevalue("django_db_setup")
    with worlds_of(module, request.getfixturevalue("django_db_blocker")) as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def closed_connections() -> Iterator[None]:
    """Leave no connection open when the server stops."""
    yield
    connections.close_all()
