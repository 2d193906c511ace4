"""`GET /health` in every state an installation can be in."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from openkap import __version__
from openkap.web.views import health


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    health._all_applied.cache_clear()
    yield
    health._all_applied.cache_clear()


def heartbeat(seconds_ago: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)",
            [timezone.now() - timedelta(seconds=seconds_ago)],
        )


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    heartbeat(1)
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok", "version": __version__, "database": "ok", "migrations": "applied", "worker": "ok",
    }  # fmt: skip
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("seconds_ago", [16, 3600])
def test_a_silent_worker_is_told(client: Client, seconds_ago: float) -> None:
    heartbeat(seconds_ago)
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["worker"] == "silent"


@pytest.mark.django_db
def test_missing_migrations_are_told(client: Client) -> None:
    heartbeat(1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sites'")
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["migrations"] == "pending"


def test_a_lost_database_is_told_without_its_address(client: Client) -> None:
    with patch.object(health, "_migrations", side_effect=OperationalError("no route to db.internal")):
        response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"
    assert "db.internal" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_only_answers_questions(client: Client, method: str) -> None:
    assert getattr(client, method)("/health").status_code == 405
