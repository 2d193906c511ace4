"""A real `openkap serve` for tests: started, asked, killed in all the ways there are."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

OPENKAP = Path(sys.executable).with_name("openkap")
PATIENCE = 180.0  # seconds; a loaded machine is slow, a broken one is slower


def wait_until(true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until `true()` is; fail with `what` when it never is."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


class Serving:
    """One `openkap serve` and what it started."""

    def __init__(self, home: Path, environment: Mapping[str, str], *words: str) -> None:
        self.home = home
        self.output = home.parent / f"{home.name}.{time.monotonic_ns()}.output"
        handle = self.output.open("wb")
        environment = {"PATH": os.environ["PATH"], "OPENKAP_HOME": str(home), **environment}
        self.process = subprocess.Popen(
            [OPENKAP, "serve", "--port", "0", *words], env=environment, stdout=handle, stderr=handle
        )
        handle.close()

    def wait_until_ready(self) -> "Serving":
        """Wait for the line with the address."""
        wait_until(lambda: self._address() or self.process.poll() is not None, "the server's address")
        assert self.process.poll() is None, self.said()
        return self

    @property
    def address(self) -> str:
        """Where it serves, such as 'http://localhost:40123'."""
        found = self._address()
        assert found is not None, self.said()
        return found

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def said(self) -> str:
        """What it has printed."""
        return self.output.read_text()

    def health(self) -> dict[str, object]:
        """What `GET /health` answers; empty when nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health")
            return dict(json.loads(connection.getresponse().read()))
        except (OSError, http.client.HTTPException):
            return {}
        finally:
            connection.close()

    def is_well(self) -> bool:
        """Whether every part of it is."""
        return self.health().get("status") == "ok"

    def children(self) -> list[psutil.Process]:
        """Every process below it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, module: str) -> psutil.Process:
        """The child that runs `module`, or the PostgreSQL server for 'postgres'."""
        return next(c for c in self.children() if any(module in word for word in c.cmdline()))

    def processor_seconds(self) -> float:
        """What it and all it started have used of the processor so far."""
        family = [psutil.Process(self.process.pid), *self.children()]
        return sum(sum(one.cpu_times()[:4]) for one in family)

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """End it; return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(PATIENCE)

    def _address(self) -> str | None:
        marks = [word for line in self.said().splitlines() if "is ready at" in line for word in line.split()]
        addresses = [word for word in marks if word.startswith("http://")]
        return addresses[-1] if addresses else None


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
