"""`openkap patients assess --all` on a database of many patients: the command as it is run, on its own server.

The synthetic charts of the tests are imported once, as anybody would import them; then their rows are copied
inside the database for as many patients as are asked for.
"""

import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django
import psycopg
from psycopg.conninfo import conninfo_to_dict

from openkap.adapters.postgres.places import remove
from openkap.adapters.postgres.roles import Passwords
from openkap.adapters.postgres.server import Addresses, EmbeddedServer

CHARTS = Path(__file__).parents[2] / "tests" / "reference" / "fhir"
TREATMENT: Final = ("--indication", "trd", "--drug", "ketamine", "--route", "iv")
ROWS: Final = ("Condition", "MedicationUse", "Allergy", "Observation", "Procedure")


@dataclass(frozen=True)
class Took:
    """One run of the command over `patients` with `rows` in their charts."""

    patients: int
    rows: int
    seconds: float
    processor: float  # seconds, of the command; the database's own are besides
    memory: float  # megabytes, the most the command held


def measure(patients: int) -> Took:
    """Make the database, run the command, and leave nothing behind."""
    with _server() as addresses:
        _migrate(addresses)
        _import_charts()
        database = conninfo_to_dict(addresses.owner)["dbname"]
        with psycopg.connect(addresses.admin, dbname=str(database), autocommit=True) as admin:
            rows = _multiply(admin, patients)
        return _run(patients, rows)


@contextmanager
def _server() -> Iterator[Addresses]:
    folder = Path(tempfile.mkdtemp(prefix="openkap-bench-assess-"))
    home = folder / "home"
    os.environ |= {"OPENKAP_HOME": str(home), "OPENKAP_SECRET_KEY": secrets.token_urlsafe(48)}
    server = EmbeddedServer(home, Passwords("bench-admin", "bench-owner", "bench-app"))
    try:
        server.start()
        yield server.addresses
    finally:
        server.stop()
        remove(home)
        shutil.rmtree(folder)


def _migrate(addresses: Addresses) -> None:
    os.environ |= {"OPENKAP_DATABASE_URL": addresses.app, "DJANGO_SETTINGS_MODULE": "openkap.config.settings"}
    environment = os.environ | {"OPENKAP_MIGRATE_URL": addresses.owner}
    words = [sys.executable, "-m", "openkap.cli", "migrate", "--json"]
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
    django.setup()


def _import_charts() -> None:
    factories: Any = import_module("tests.factories.chart")  # needs Django set up
    gzip, site = import_module("gzip"), factories.a_site()
    for path in sorted(CHARTS.glob("**/*.json.gz")):
        factories.imported(gzip.decompress(path.read_bytes()), site)


def _multiply(admin: "psycopg.Connection[Any]", patients: int) -> int:
    """Copy everybody until there are `patients`; how many rows their charts hold then."""
    models: Any = import_module("openkap.apps.chart.models")
    people: Any = import_module("openkap.apps.people.models")
    patient = people.Patient._meta.db_table  # noqa: SLF001  the documented way to a table's name
    admin.execute("SET session_replication_role = replica")  # what is copied was checked when it came in
    there = _count(admin, patient)
    times = f"generate_series(1, {patients // there + 1})"
    twins = f"SELECT nextval(pg_get_serial_sequence('{patient}', 'id')) AS id, old.id AS of FROM {patient} old"  # noqa: S608
    admin.execute(f"CREATE TEMP TABLE twin AS {twins}, {times} LIMIT {patients - there}".encode())
    _copy(admin, patient, {"id": "twin.id"}, "old.id")
    tables = [getattr(models, name)._meta.db_table for name in ROWS]  # noqa: SLF001
    for table in tables:
        _copy(admin, table, {"id": None, "patient_id": "twin.id"}, "old.patient_id")
    admin.execute("ANALYZE")
    return sum(_count(admin, table) for table in tables)


def _count(admin: "psycopg.Connection[Any]", table: str) -> int:
    found: Any = admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608
    return int(found[0])


def _copy(admin: "psycopg.Connection[Any]", table: str, changed: dict[str, str | None], whose: str) -> None:
    """Rows of `table` again for each twin; a column of `changed` without a value is left to its default."""
    columns = [name for name in _columns(admin, table) if changed.get(name, "") is not None]
    given = {name: f'old."{name}"' for name in columns}
    given |= {"public_id": "gen_random_uuid()", "record_number": "'B' || twin.id"}
    given |= {name: value for name, value in changed.items() if value}
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(given[name] for name in columns)
    copied = f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} old JOIN twin ON twin.of = {whose}"  # noqa: S608
    admin.execute(copied.encode())


def _columns(admin: "psycopg.Connection[Any]", table: str) -> list[str]:
    """Those that are stored as given."""
    asked = (
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
    )
    return [name for (name,) in admin.execute(asked, [table]).fetchall()]


def _run(patients: int, rows: int) -> Took:
    words = [sys.executable, "-m", "openkap.cli", "patients", "assess", "--all", *TREATMENT]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    print(said.strip())
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(patients, rows, seconds, used, after.ru_maxrss / 1000)
