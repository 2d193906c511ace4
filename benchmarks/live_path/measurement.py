"""The measurement itself; imported once Django is set up."""

import argparse
import http.client
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from django.utils import timezone
from tests.conftest import ADDRESS, use
from tests.factories.access import a_client
from tests.factories.dosing import Sitting, a_sitting, sign_monitoring
from tests.factories.tasks import cared_for
from tests.product import Product

from openkap.adapters.postgres.places import remove
from openkap.adapters.postgres.server import THROW_AWAY, EmbeddedServer, Passwords


@dataclass
class Pair:
    """One session: who enters, who watches, and when each entry was sent and seen."""

    sitting: Sitting
    cookies: dict[str, str]
    sent: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)
    watching: threading.Event = field(default_factory=threading.Event)


def pairs(count: int) -> list[Pair]:
    """Sessions of one site in which the dose runs."""
    first = cared_for()
    sign_monitoring(first.medical_director, first.site)
    made = []
    for number in range(count):
        cared = first if number == 0 else cared_for(first.site)
        zero = timezone.now() - timedelta(minutes=5)
        sitting = a_sitting(cared, zero=zero, signed_off=False, chair=str(number + 1)).until_dose()
        cookies = {name: morsel.value for name, morsel in a_client(cared.monitor).cookies.items()}
        made.append(Pair(sitting, cookies))
    return made


def connect(address: str) -> http.client.HTTPConnection:
    place = urlsplit(address)
    return http.client.HTTPConnection(place.hostname or "localhost", place.port, timeout=60)


def headers_of(pair: Pair, token: str = "") -> dict[str, str]:
    cookies = pair.cookies | ({"csrftoken": token} if token else {})
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "X-CSRFToken": token,
    }


def events(answer: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    """The (event, data) pairs of a stream."""
    kind = ""
    while line := answer.readline().decode().rstrip("\n"):
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, line.removeprefix("data: ")
            answer.readline()


def watch(address: str, pair: Pair, until: int) -> None:
    """Read the stream until the last entry has been seen."""
    connection = connect(address)
    connection.request("GET", f"/dosing/{pair.sitting.session.public_id}/stream/", headers=headers_of(pair))
    answer = connection.getresponse()
    answer.readline()  # retry
    answer.readline()
    for kind, data in events(answer):
        if kind != "state":
            continue
        now, seq = time.monotonic(), json.loads(data)["seq"]
        pair.watching.set()
        for number in range(1, seq + 1):
            pair.seen.setdefault(number, now)
        if seq >= until:
            connection.close()
            return


def enter(address: str, pair: Pair, entries: int, every: float, start: float) -> None:
    """Send one reading after another, each at its moment."""
    token = "t" * 32
    connection = connect(address)
    pair.watching.wait(timeout=30)
    for number in range(entries):
        time.sleep(max(0.0, start + number * every - time.monotonic()))
        body = {"entries": [reading(number)]}
        began = time.monotonic()
        where = f"/dosing/{pair.sitting.session.public_id}/events/"
        connection.request("POST", where, json.dumps(body), headers_of(pair, token))
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.reason}: {text[:200]!r}")
        said = json.loads(text)
        pair.sent[said["results"][0]["seq"]] = began


def reading(number: int) -> dict[str, object]:
    return {
        "client_id": str(uuid4()),
        "kind": "vitals-recorded",
        "occurred_at": timezone.now().isoformat(),
        "schema_version": 1,
        "payload": {"values": {"systolic": 120 + number % 20, "diastolic": 80, "heart-rate": 70}},
    }


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Serve on a database of its own, measure, and leave nothing behind."""
    server = os.environ.get(ADDRESS)
    if not server:
        with throw_away_server() as address:
            return measured_on(address, options)
    return measured_on(server, options)


@contextmanager
def throw_away_server() -> Iterator[str]:
    """An embedded PostgreSQL for this run."""
    home = Path(tempfile.mkdtemp(prefix="openkap-live-path-"))
    passwords = Passwords("bench-admin", "bench-owner", "bench-app")
    server = EmbeddedServer(home, passwords, settings=THROW_AWAY)
    try:
        server.start()
        yield server.addresses.admin
    finally:
        server.stop()
        remove(home)
        shutil.rmtree(home)


def measured_on(server: str, options: argparse.Namespace) -> dict[str, object]:
    use(server)
    product = Product(server, f"openkap_live_path_{os.getpid()}")
    try:
        return run(product.wait_until_well(), options)
    finally:
        product.stop()


def run(product: Product, options: argparse.Namespace) -> dict[str, object]:
    with product.in_process():
        made = pairs(options.sessions)
    before = made[0].sitting.outcomes[-1].seq
    last = before + options.entries
    start = time.monotonic() + 3
    threads = []
    for number, pair in enumerate(made):
        offset = start + number * options.every / options.sessions
        threads.append(threading.Thread(target=watch, args=(product.address, pair, last), daemon=True))
        threads.append(
            threading.Thread(
                target=enter, args=(product.address, pair, options.entries, options.every, offset), daemon=True
            )
        )
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60 + options.entries * options.every)
    return figures(made, options)


def figures(made: list[Pair], options: argparse.Namespace) -> dict[str, object]:
    waits = sorted(
        pair.seen[seq] - began for pair in made for seq, began in pair.sent.items() if seq in pair.seen
    )
    expected = options.sessions * options.entries
    cut = statistics.quantiles(waits, n=1000, method="inclusive") if len(waits) > 1 else [0.0] * 999
    return {
        "sessions": options.sessions,
        "entries": expected,
        "missing": expected - len(waits),
        "p50_ms": round(cut[499] * 1000, 1),
        "p95_ms": round(cut[949] * 1000, 1),
        "p99_ms": round(cut[989] * 1000, 1),
        "max_ms": round(waits[-1] * 1000, 1) if waits else None,
    }
