"""`openkap serve` on its embedded database: it serves, it mends itself, and it leaves nothing behind."""

import json
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.serving import OPENKAP, Serving, alive, wait_until

from openkap.adapters.postgres.places import places_in, remove
from openkap.adapters.postgres.server import addresses_in
from openkap.adapters.postgres.stale import processes_in
from openkap.config.keys import passwords

WORKER, WEB, POSTGRES = "openkap.jobs.worker", "openkap.config.web_process", "bin/postgres"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="openkap-family-"))
    yield folder / "home"
    remove(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def served(home: Path) -> Path:
    """The home after one first start: made and migrated."""
    serving = Serving(home, {}).wait_until_ready()
    assert serving.end() == 0
    return home


@pytest.fixture
def serving(served: Path) -> Iterator[Serving]:
    serving = Serving(served, {}, "--web-processes", "1").wait_until_ready()
    yield serving
    if serving.process.poll() is None:
        serving.end()


def app_connection(home: Path) -> psycopg.Connection:
    return psycopg.connect(addresses_in(places_in(home), passwords(home)).app, autocommit=True)


def owner_connection(home: Path) -> psycopg.Connection:
    return psycopg.connect(addresses_in(places_in(home), passwords(home)).owner, autocommit=True)


def insert_job(app: psycopg.Connection, task: str, *, queue: str) -> int:
    row = app.execute(
        "INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, priority, args, status, attempts, abort_requested)"
        " VALUES (%s, %s, 0, '{}', 'todo', 0, false) RETURNING id",
        (queue, task),
    ).fetchone()
    assert row is not None
    return int(row[0])


def status_of(app: psycopg.Connection, job: int) -> str:
    row = app.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", (job,)).fetchone()
    assert row is not None
    return str(row[0])


class TestWhileItRuns:
    """One that runs through all of these: each leaves it well."""

    @pytest.fixture(scope="class")
    @classmethod
    def serving(cls, served: Path) -> Iterator[Serving]:
        serving = Serving(served, {}, "--web-processes", "1").wait_until_ready()
        yield serving
        assert serving.end() == 0

    def test_a_second_start_takes_seconds(self, serving: Serving) -> None:
        assert serving.processor_seconds() < 20  # about 4: nothing of the first start's work is done again

    def test_it_is_well_and_says_so(self, serving: Serving) -> None:
        wait_until(serving.is_well, "health")
        answer = serving.health()
        assert answer == {
            "status": "ok", "version": answer["version"],
            "database": "ok", "migrations": "applied", "worker": "ok",
        }  # fmt: skip
        words = [OPENKAP, "health", "--port", str(serving.port), "--json"]
        asked = subprocess.run(words, capture_output=True, check=True)
        assert json.loads(asked.stdout)["status"] == "ok"

    def test_the_pages_are_served_by_a_login_that_owns_nothing(self, serving: Serving, home: Path) -> None:
        wait_until(serving.is_well, "health")
        with owner_connection(home) as owner:
            users = owner.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity"
                " WHERE datname = 'openkap' AND pid <> pg_backend_pid()"
            ).fetchall()
            owned = owner.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'openkap_app'").fetchone()
        assert users == [("openkap_app",)]
        assert owned == (0,)

    def test_a_second_start_with_the_same_data_is_refused(self, serving: Serving, home: Path) -> None:
        second = Serving(home, {})
        assert second.process.wait(60) == 1
        assert "running already" in second.said()
        assert serving.process.poll() is None
        assert serving.health() != {}

    @pytest.mark.parametrize("module", [WORKER, WEB, POSTGRES])
    def test_a_killed_part_is_started_again(self, serving: Serving, module: str) -> None:
        wait_until(serving.is_well, "health")
        part = serving.child(module)
        part.kill()
        wait_until(lambda: not part.is_running(), "the part to be gone")
        wait_until(lambda: any(module in w for c in serving.children() for w in c.cmdline()), "a new part")
        wait_until(serving.is_well, "health after the loss")

    def test_a_job_cut_off_in_the_middle_is_done_by_the_next_worker(self, serving: Serving, home: Path) -> None:
        wait_until(serving.is_well, "health")
        with app_connection(home) as app, owner_connection(home) as owner, owner.transaction():
            # While the table is locked, the job that reads it can begin but not end.
            owner.execute("LOCK TABLE tasks_task IN ACCESS EXCLUSIVE MODE")
            job = insert_job(app, "tasks.due", queue="default")
            wait_until(lambda: status_of(app, job) == "doing", "the job to begin")
            worker = serving.child(WORKER)
            worker.kill()
            wait_until(lambda: not worker.is_running(), "the worker to be gone")
            assert status_of(app, job) == "doing"
        with app_connection(home) as app:
            wait_until(lambda: status_of(app, job) == "succeeded", "the job to be done after all")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_end_it_leaves_nothing(serving: Serving, home: Path, by: signal.Signals) -> None:
    family = serving.children()
    assert serving.end(by) == 0
    assert alive(family) == []
    assert list(processes_in(places_in(home).data)) == []


def test_killed_it_leaves_nothing_and_loses_nothing(serving: Serving, home: Path) -> None:
    family = serving.children()
    with app_connection(home) as app:
        job = insert_job(app, "acknowledged", queue="kept")
    serving.end(signal.SIGKILL)
    wait_until(lambda: not alive(family), "all children to end")
    again = Serving(home, {}, "--web-processes", "1").wait_until_ready()
    with app_connection(home) as app:
        row = app.execute("SELECT task_name FROM procrastinate_jobs WHERE id = %s", (job,)).fetchone()
    assert row == ("acknowledged",)
    again.end()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [OPENKAP, "serve", "--port", str(port)],
            env={"OPENKAP_HOME": str(tmp_path / "home"), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"openkap: Port {port} is in use")
    assert not (tmp_path / "home" / "postgres").exists()


def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    serving = Serving(tmp_path / "home", {"OPENKAP_DATABASE_URL": f"postgresql://who@127.0.0.1:{port}/none"})
    assert serving.process.wait(60) == 1
    assert "Traceback" not in serving.said()
    assert "cannot be reached" in serving.said()
