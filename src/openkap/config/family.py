"""`openkap serve`: one process that starts the database, the worker and the web processes, and minds them.

They are its children and cannot outlive it: not when it is asked to end, not when it is killed. A child that
dies is started again. The one piece of state is the lock on OPENKAP_HOME.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import IO

from openkap.adapters import children
from openkap.adapters.postgres.server import EmbeddedServer
from openkap.config.addresses import DatabaseAddresses, named
from openkap.config.keys import key, passwords
from openkap.config.listening import listen
from openkap.errors import OpenkapError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_TO_STOP = 10.0
LIVED_LONG_ENOUGH = 30.0  # seconds; a child that lived this long was not broken from the start
DEMONSTRATION = "openkap.cli.demo"
LONGEST_PAUSE = 30.0  # seconds before another attempt


class AlreadyServing(OpenkapError):
    """Another `openkap serve` uses this home."""

    code = "already-serving"


class CannotServe(OpenkapError):
    """What has to be there before the first page is not."""

    code = "cannot-serve"


class Ended(BaseException):
    """A signal asked us to end."""


@dataclass(frozen=True)
class Plan:
    """What to serve, and how."""

    home: Path
    host: str = "localhost"
    port: int = 8000
    web_processes: int = 2
    demo: bool = False


@dataclass
class Member:
    """One child that is kept alive: `start` makes a new process of it."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    signal_to_end: signal.Signals = signal.SIGTERM
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = 0.0
    failures: int = field(default=0)

    def launch(self) -> None:
        """Start the process."""
        self.process, self.started_at = self.start(), time.monotonic()

    def revive(self, say: Callable[[str], None]) -> None:
        """Start the process again when it has died: at once the first time, then after ever longer pauses."""
        if self.process is not None and (code := self.process.poll()) is not None:
            lived = time.monotonic() - self.started_at
            self.failures = 1 if lived > LIVED_LONG_ENOUGH else self.failures + 1
            self.pause = min(LONGEST_PAUSE, 0.0 if self.failures == 1 else 2.0 ** (self.failures - 2))
            self.process, self.started_at = None, time.monotonic()
            say(f"The {self.name} process ended (exit code {code}); it is started again.")
        if self.process is None and time.monotonic() - self.started_at >= self.pause:
            self.launch()

    def end(self) -> None:
        """Stop the process."""
        if self.process is not None:
            children.stop(self.process, by=self.signal_to_end, seconds=SECONDS_TO_STOP)
            self.process = None


class Family:
    """The processes of one installation."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.members: list[Member] = []

    def serve(self) -> None:
        """Serve until a signal asks to end. Raises `OpenkapError` with the reason when it cannot begin."""
        with ExitStack() as stack:
            stack.enter_context(_signals_end_it())
            try:
                self._begin(stack)
                while True:
                    for member in self.members:
                        member.revive(_say)
                    time.sleep(SECONDS_BETWEEN_LOOKS)
            except Ended:
                _say("Stopping ...")

    def _begin(self, stack: ExitStack) -> None:
        plan = self.plan
        stack.enter_context(alone_in(plan.home))
        sockets = stack.enter_context(listen(plan.host, plan.port))
        stack.callback(self._end)
        addresses = self._database()
        self._prepare(addresses)
        if plan.demo and find_spec(DEMONSTRATION):
            self._run_to_its_end("openkap.cli", "demo", addresses=addresses)
        self._add("worker", "openkap.jobs.worker", addresses=addresses)
        numbers = [listening.fileno() for listening in sockets]
        for number in range(1, plan.web_processes + 1):
            words = [str(each) for each in numbers]
            self._add(f"web-{number}", "openkap.config.web_process", *words, addresses=addresses, files=numbers)
        port = sockets[0].getsockname()[1]
        self._await_pages(port)
        _say(f"OpenKAP is ready at http://localhost:{port} (Ctrl-C ends it; data in {plan.home})")

    def _database(self) -> DatabaseAddresses:
        if found := named():
            return found
        embedded = EmbeddedServer(self.plan.home, passwords(self.plan.home))
        embedded.start()

        def again() -> "subprocess.Popen[bytes]":
            embedded.launch()
            return embedded.process

        member = Member("database", again, signal.SIGINT, embedded.process, time.monotonic())
        self.members.append(member)
        return DatabaseAddresses(app=embedded.addresses.app, owner=embedded.addresses.owner)

    def _prepare(self, addresses: DatabaseAddresses) -> None:
        as_owner = DatabaseAddresses(app=addresses.owner, owner=addresses.owner)
        extra = {"OPENKAP_APP_URL": addresses.app}
        self._run_to_its_end("openkap.config.preparing", addresses=as_owner, extra=extra)

    def _run_to_its_end(
        self, module: str, *words: str, addresses: DatabaseAddresses, extra: dict[str, str] | None = None
    ) -> None:
        environment = {**self._environment(addresses, "commands"), **(extra or {})}
        process = children.start([sys.executable, "-m", module, *words], environment=environment)
        try:
            if process.wait() != 0:
                raise CannotServe("OpenKAP was not started: see the messages above.")
        finally:
            children.stop(process, by=signal.SIGTERM, seconds=SECONDS_TO_STOP)

    def _add(
        self,
        name: str,
        module: str,
        *words: str,
        addresses: DatabaseAddresses,
        files: list[int] | None = None,
    ) -> None:
        environment = self._environment(addresses, name)

        def start() -> "subprocess.Popen[bytes]":
            with _errors_of(self.plan.home, name) as output:
                return children.start(
                    [sys.executable, "-m", module, *words],
                    environment=environment,
                    output=output,
                    keep_open=files or [],
                )

        member = Member(name, start)
        self.members.append(member)
        member.launch()

    def _environment(self, addresses: DatabaseAddresses, name: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k != "OPENKAP_MIGRATE_URL"}
        return {
            **kept,
            "OPENKAP_HOME": str(self.plan.home),
            "OPENKAP_DATABASE_URL": addresses.app,
            "OPENKAP_SECRET_KEY": os.environ.get("OPENKAP_SECRET_KEY") or key(self.plan.home, "secret-key"),
            "OPENKAP_LOG_FILE": str(logs_of(self.plan.home) / f"{name}.jsonl"),
            **({"OPENKAP_DEMO": "1"} if self.plan.demo else {}),
        }

    def _await_pages(self, port: int) -> None:
        patience = time.monotonic() + 60
        while not _answers(port):
            for member in self.members:
                member.revive(_say)
            if time.monotonic() > patience:
                raise CannotServe(f"The pages do not answer; {logs_of(self.plan.home)} may say why.")
            time.sleep(0.05)

    def _end(self) -> None:
        # The database last: what the others are doing may still be finished.
        for member in [m for m in self.members if m.name != "database" and m.process is not None]:
            if member.process is not None and member.process.poll() is None:
                member.process.send_signal(member.signal_to_end)
        for member in reversed(self.members):
            member.end()


@contextmanager
def alone_in(home: Path) -> Iterator[None]:
    """Be the only `openkap serve` of `home`. Raises `AlreadyServing`."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "serve.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyServing(
                f"OpenKAP is running already with the data in {home}. Stop it, or choose another OPENKAP_HOME."
            ) from error
        yield


@contextmanager
def _signals_end_it() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)  # asked once is enough
        raise Ended

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def logs_of(home: Path) -> Path:
    """The folder of the logs; made when missing."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def _errors_of(home: Path, name: str) -> Iterator[IO[bytes]]:
    # What a dying interpreter prints; the log proper is JSON in a file of its own.
    with (logs_of(home) / f"{name}.stderr").open("ab") as output:
        yield output


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("localhost", port), timeout=5) as connection:
            connection.settimeout(5)
            connection.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(12).startswith(b"HTTP/1.")
    except OSError:
        return False


def _say(words: str) -> None:
    print(words, flush=True)
