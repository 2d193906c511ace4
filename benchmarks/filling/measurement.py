"""The measurement itself; imported once Django is set up for the home that is served."""

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from django.db import connections
from django.utils import timezone
from tests.conftest import use
from tests.factories.measures import an_ask
from tests.factories.portal import a_help, invited
from tests.factories.tasks import a_patient, cared_for
from tests.serving import Serving, wait_until

from benchmarks.filling.checks import Verdict, judged
from benchmarks.filling.plan import Person, Plan, Told, answers_for
from openkap.adapters.postgres.server import EmbeddedServer
from openkap.apps.messages.links import path_of
from openkap.config.keys import passwords

PACES = {"as people do": (2.0, 4.0), "as fast as it goes": (0.0, 0.0)}
RAMP = {"as people do": 20.0, "as fast as it goes": 2.0}
PATIENCE = 600.0  # seconds until it serves, on a machine that does much else
PARTS = {"pages": "web_process", "worker": "openkap.jobs.worker", "database": "postgres"}


@dataclass(frozen=True)
class Kind:
    """One kind of request: milliseconds, over the whole round."""

    kind: str
    count: int
    p50: float
    p95: float
    p99: float
    longest: float


@dataclass(frozen=True)
class Round:
    """One round of everybody: how they came through, and what the machine did meanwhile."""

    pace: str
    load: float  # of the machine, before it began
    seconds: float
    every: Kind
    kinds: list[Kind]
    errors: list[str]
    logged: list[str]  # what the product itself says went wrong
    verdict: Verdict
    cores: dict[str, float]  # busy on average, by part of the product and of the load generator


@contextmanager
def served(home: Path) -> Iterator[Serving]:
    """`openkap serve` with its own PostgreSQL, as in use; a proxy's header tells where people come from."""
    environment = {"OPENKAP_SECRET_KEY": os.environ["OPENKAP_SECRET_KEY"], "OPENKAP_PROXIES": "1"}
    serving = Serving(home, environment)
    try:
        wait_until(lambda: "is ready at" in serving.said(), "the product", seconds=PATIENCE)
        serving.wait_until_ready()
        use(EmbeddedServer(home, passwords(home)).addresses.app)
        yield serving
    finally:
        connections.close_all()
        if serving.process.poll() is None:
            serving.end()


def people(count: int, seed: int) -> list[Person]:
    """Patients of a new site who are asked for three questionnaires, each with a link."""
    chance, now, site = random.Random(seed), timezone.now(), cared_for().site
    a_help(site)
    found = []
    for number in range(count):
        patient = a_patient(site, now)
        for instrument in ("phq-9", "gad-7", "asq"):
            an_ask(patient, instrument, now)
        path = path_of(invited(patient, now=timezone.now()).public_id)
        address = f"10.{seed % 200}.{number // 200}.{number % 200 + 1}"
        found.append(Person(str(patient.public_id), path, address, answers_for(chance)))
    return found


def play(serving: Serving, pace: str, count: int, seed: int) -> Round:
    """One round: everybody at once, then the look at what is in the database."""
    everybody = people(count, seed)
    plan = Plan("localhost", serving.port, everybody, RAMP[pace], PACES[pace], seed)
    load, before = os.getloadavg()[0], busy(serving)
    told = generated(plan)
    after = busy(serving)
    used = {part: (after[part] - before[part]) / told.seconds for part in after}
    used["load generator"] = told.processor_seconds / told.seconds
    return Round(
        pace=pace,
        load=round(load, 1),
        seconds=round(told.seconds, 1),
        every=kind("every request", [one for took in told.took.values() for one in took]),
        kinds=[kind(name, took) for name, took in told.took.items()],
        errors=sorted(told.errors),
        logged=logged(serving.home),
        verdict=judged(everybody, told),
        cores={part: round(share, 2) for part, share in used.items()},
    )


def generated(plan: Plan) -> Told:
    """What the generator, a process of its own, saw."""
    words = [sys.executable, "-m", "benchmarks.filling.generator"]
    said = subprocess.run(words, input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True)
    return Told(**json.loads(said.stdout))


def busy(serving: Serving) -> dict[str, float]:
    """Seconds of processor used so far by each part of the product."""
    seconds = dict.fromkeys(PARTS, 0.0)
    for child in serving.children():
        try:
            words, times = " ".join(child.cmdline()), child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        part = next((part for part, mark in PARTS.items() if mark in words), None)
        if part:
            seconds[part] += times.user + times.system
    return seconds


def logged(home: Path) -> list[str]:
    """Errors in the logs of the product, each once: the event and the last line of what was raised."""
    found = set()
    for path in sorted((home / "logs").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry.get("level") in {"error", "critical"}:
                raised = str(entry.get("exception", "")).strip().rpartition("\n")[2]
                found.add(f"{entry.get('event')}: {raised}"[:300])
    return sorted(found)


def kind(name: str, took: list[float]) -> Kind:
    """The figures of one kind of request."""
    cut = statistics.quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99 or [0.0] * 99
    p50, p95, p99 = (round(cut[at], 1) for at in (49, 94, 98))
    return Kind(name, len(took), p50, p95, p99, longest=round(max(took, default=0.0), 1))
