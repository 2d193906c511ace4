"""What the audit trail costs writers who work at once: `python -m benchmarks.audit [--writers 8]`.

A PostgreSQL server of its own, as `openkap serve` runs it. Every writer is a process that inserts one row per
transaction, as fast as it can. In turns: without a trail; with the trail as it is, the sealer chaining beside
it; and with a chain made inside the transaction, which is the obvious way and makes writers wait in a row.
At the end the trail is verified: speed of a broken chain would be worth nothing.
"""

import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psycopg

from benchmarks.audit import writing
from benchmarks.reporting import Line, conditions, report
from openkap.adapters.postgres.places import remove
from openkap.adapters.postgres.roles import APP, Passwords
from openkap.adapters.postgres.server import Addresses, EmbeddedServer

NAMES = {
    writing.BARE: "no audit trail",
    writing.AUDITED: "audited, chained beside by the sealer (as it is)",
    writing.CHAINED: "audited, chained inside each transaction",
}
TABLES = (
    "CREATE TABLE bench_act (id bigserial PRIMARY KEY, patient uuid, value float8, at timestamptz)",
    "CREATE TABLE bench_chain (position bigint PRIMARY KEY, digest bytea NOT NULL)",
    f"GRANT SELECT, INSERT ON bench_act, bench_chain TO {APP}",
    f"GRANT USAGE, SELECT ON bench_act_id_seq TO {APP}",
)
LEAD_SECONDS = 0.5  # between the order to write and its beginning, so that all begin together


def main() -> int:
    """Measure; exit code 1 when the trail was not whole afterwards."""
    options = _options()
    under = conditions()
    folder = Path(tempfile.mkdtemp(prefix="openkap-bench-audit-"))
    home = folder / "home"
    server = EmbeddedServer(home, Passwords("bench-admin", "bench-owner", "bench-app"))
    try:
        server.start()
        prepare(home, server.addresses)
        rates = in_turns(options.writers, options.rounds, options.seconds)
        whole, links = verified()
    finally:
        server.stop()
        remove(home)
        shutil.rmtree(folder)
    lines = [_line(NAMES[kind], found, rates[writing.BARE]) for kind, found in rates.items()]
    gain = statistics.median(rates[writing.AUDITED]) / statistics.median(rates[writing.CHAINED])
    report("audit", lines, under, **vars(options), links=links, whole=whole, beside_to_inside=round(gain, 2))
    print(f"Chained beside writes {gain:.1f} times as much as chained inside. {links} links, whole: {whole}.")
    return 0 if whole else 1


def prepare(home: Path, addresses: Addresses) -> None:
    """Migrate, add the tables of the benchmark, and set Django up as the server has it."""
    os.environ.update(
        OPENKAP_HOME=str(home),
        OPENKAP_DATABASE_URL=addresses.app,
        OPENKAP_SECRET_KEY="of a benchmark, which serves nobody",  # noqa: S106
        DJANGO_SETTINGS_MODULE="openkap.config.settings",
    )
    environment = {**os.environ, "OPENKAP_MIGRATE_URL": addresses.owner}
    words = [sys.executable, "-m", "openkap.cli", "migrate", "--json"]
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
    with psycopg.connect(addresses.owner) as owner:
        for statement in TABLES:
            owner.execute(statement.encode())
    django.setup()


def in_turns(writers: int, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Transactions per second of all writers together, by kind; every kind once per round."""
    spawning = multiprocessing.get_context("spawn")
    ready = spawning.Barrier(writers + 1)
    rates: dict[str, list[float]] = {kind: [] for kind in NAMES}
    with ProcessPoolExecutor(writers, spawning, initializer=writing.begin, initargs=(ready,)) as pool:
        for _ in range(rounds):
            for kind, found in rates.items():
                found.append(_one_round(pool, ready, kind, writers, seconds))
    return rates


def _one_round(pool: ProcessPoolExecutor, ready: Any, kind: str, writers: int, seconds: float) -> float:
    # A writer waits at the barrier, so each process takes one of the orders.
    orders = [pool.submit(writing.write, kind, LEAD_SECONDS, seconds) for _ in range(writers)]
    ready.wait()
    seal_rows = import_module("openkap.apps.audit.operations").seal_rows
    end = time.monotonic() + LEAD_SECONDS + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(1.0, left))  # as often as jobs.routines does
        if kind == writing.AUDITED:
            seal_rows(now=datetime.now(UTC))
    return sum(order.result() for order in orders) / seconds


def verified() -> tuple[bool, int]:
    """Seal what still waits; whether the trail is whole then, and how many links it has."""
    audit = import_module("openkap.apps.audit.operations")
    while audit.seal_rows(now=datetime.now(UTC)):
        pass
    found = import_module("openkap.apps.audit.queries").verify()
    return found.whole and found.waiting == 0, found.links


def _line(what: str, rates: Sequence[float], base: Sequence[float]) -> Line:
    median = statistics.median(rates)
    ratio = median / statistics.median(base)
    return Line(what, round(median), round(min(rates)), round(max(rates)), "transactions/s", round(ratio, 3))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each kind in each round")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
