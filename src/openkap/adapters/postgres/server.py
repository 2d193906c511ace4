"""Running the embedded PostgreSQL: made on first use, reached only through a socket in a private folder."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo

from openkap.adapters import children
from openkap.adapters.postgres import roles, stale
from openkap.adapters.postgres.errors import ServerTrouble
from openkap.adapters.postgres.places import Places, places_in
from openkap.adapters.postgres.roles import Passwords

LARGEST_LOG = 10_000_000  # bytes; then the log is put aside once
# No statement and no row reaches the log: what patients told is not written there.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "client_connection_check_interval": "2s",  # what a killed client holds is let go of
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
}
# For databases that live as long as a test run.
THROW_AWAY: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
WHO_MAY_CONNECT = "local all all scram-sha-256\n"


@dataclass(frozen=True)
class Addresses:
    """How to connect: connection strings of libpq, passwords included."""

    admin: str
    owner: str
    app: str


class InUse(ServerTrouble):
    """Another process runs this server already."""

    code = "database-in-use"


class EmbeddedServer:
    """The PostgreSQL server of one home. Start it from the main thread: it ends when that thread does."""

    def __init__(self, home: Path, passwords: Passwords, *, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.places: Places = places_in(home)
        self.addresses = addresses_in(self.places, passwords)
        self._passwords = passwords
        self._settings = {**SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None

    def start(self) -> None:
        """Make the database if there is none, start the server and wait until it answers.

        Raises `InUse` when another process runs it, `ServerTrouble` when it cannot be started.
        """
        self._lock = _locked(self.places.lock)
        try:
            if not (self.places.data / "PG_VERSION").exists():
                _initialise(self.places, self._passwords.admin)
            self.launch()
            with psycopg.connect(self.addresses.admin) as admin:
                roles.set_up(admin, self._passwords)
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the server's process, again after a crash too, and wait until it answers."""
        stale.make_way(self.places.data)
        (self.places.data / "pg_hba.conf").write_text(WHO_MAY_CONNECT)
        with _log(self.places.log) as log:
            self._process = children.start(
                [self.places.programs / "bin" / "postgres", "-D", self.places.data, *self._options()],
                on_parent_death=signal.SIGINT,  # PostgreSQL's fast shutdown
                environment=_environment(),
                account=self.places.account,
                output=log,
                directory=self.places.data,
            )
        self._await_answer()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The server's main process. Raises `ServerTrouble` before the start."""
        if self._process is None:
            raise ServerTrouble("The database server was not started.")
        return self._process

    def stop(self) -> None:
        """Stop the server, letting running transactions fail, and let others start it. Safe to call twice."""
        if self._process is not None:
            children.stop(self._process, by=signal.SIGINT, seconds=60)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _options(self) -> Iterator[str]:
        for name, value in {**self._settings, "unix_socket_directories": str(self.places.sockets)}.items():
            yield from ("-c", f"{name}={value}")

    def _await_answer(self, *, seconds: float = 120) -> None:
        patience = time.monotonic() + seconds
        while self.process.poll() is None:
            if answers(self.addresses.admin):
                return
            if time.monotonic() > patience:
                break
            time.sleep(0.05)
        self.stop()
        raise ServerTrouble(f"PostgreSQL did not start. {_end_of(self.places.log)}")


def addresses_in(places: Places, passwords: Passwords) -> Addresses:
    """How each login connects to the server in `places`."""

    def address(user: str, password: str, database: str = roles.DATABASE) -> str:
        return make_conninfo(host=str(places.sockets), dbname=database, user=user, password=password)

    return Addresses(
        admin=address(roles.ADMIN, passwords.admin, "postgres"),
        owner=address(roles.OWNER, passwords.owner),
        app=address(roles.APP, passwords.app),
    )


def answers(address: str) -> bool:
    """Whether a server answers there. Raises `ServerTrouble` when it answers that the password is wrong."""
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise ServerTrouble(
                "The database refuses its password: the keys in OPENKAP_HOME do not belong to this database. "
                "Restore both from the same backup."
            ) from error
        return False
    return True


@contextmanager
def running(home: Path, passwords: Passwords) -> Iterator[Addresses]:
    """The server of `home` while the block runs: the one that runs already, else one started for the block."""
    server = EmbeddedServer(home, passwords)
    try:
        server.start()
    except InUse:
        _await_other(server.addresses.app)
    try:
        yield server.addresses
    finally:
        server.stop()


def _await_other(address: str, *, seconds: float = 30) -> None:
    patience = time.monotonic() + seconds
    while not answers(address):
        if time.monotonic() > patience:
            raise InUse("Another process is starting or stopping this database. Try again in a moment.")
        time.sleep(0.1)


def _locked(path: Path) -> IO[bytes]:
    handle = path.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise InUse("Another OpenKAP process is running this database.") from error
    return handle


def _initialise(places: Places, admin_password: str) -> None:
    # Made beside its place and moved there when complete: a start that was cut off leaves nothing half-made.
    unfinished = places.data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    password = places.data.with_name("first-password")
    _write_private(password, admin_password, places)
    # Names sort by a key of ours, so the plain collation serves, and it is the same on every machine.
    words: list[str | Path] = [
        places.programs / "bin" / "initdb", "-D", unfinished, "--username", roles.ADMIN, "--pwfile", password,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin",
        "--builtin-locale", "C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    with _log(places.log) as log:
        made = children.start(
            words, environment=_environment(), account=places.account, output=log, directory=places.data.parent
        ).wait()
    password.unlink()
    if made != 0:
        raise ServerTrouble(f"The database could not be made. {_end_of(places.log)}")
    unfinished.rename(places.data)


def _write_private(path: Path, text: str, places: Places) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        if places.account is not None:
            os.fchown(handle, places.account.uid, places.account.gid)


def _environment() -> dict[str, str]:
    # PG* variables of the person who starts us must not reach the server.
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


@contextmanager
def _log(path: Path) -> Iterator[IO[bytes]]:
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".old.log"))
    with path.open("ab") as log:
        os.fchmod(log.fileno(), 0o600)
        yield log


def _end_of(log: Path, lines: int = 10) -> str:
    last = "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return f"The end of {log}:\n{last}"
