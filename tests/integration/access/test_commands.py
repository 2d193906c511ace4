"""`openkap staff` and `openkap audit verify`, on the database of the tests."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from tests.factories.audit import seal_all

from openkap.apps.access.models import User
from openkap.cli import audit, main, staff

SITE = ["staff", "add-site", "River House", "--time-zone", "America/Denver", "--jurisdiction", "US-CO"]
ANN = ["staff", "add", "ann@clinic.example", "--name", "Ann Lee", "--site", "River House", "--role"]


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_HEADS = tmp_path
    for command in (audit, staff):
        monkeypatch.setattr(command, "connected", nullcontext)


@pytest.mark.django_db
def test_the_first_site_and_the_first_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SITE) == 0
    assert main([*ANN, "administrator", "--json"]) == 0
    path = json.loads(capsys.readouterr().out.splitlines()[-1])["set-up path"]
    assert "Welcome, Ann Lee" in Client().get(path).content.decode()
    assert main(["staff", "link", "ann@clinic.example"]) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([*ANN, "administrator"], "no site 'River House'"),
        (["staff", "link", "nobody@clinic.example"], "Nobody signs in"),
        ([*SITE[:3], "--time-zone", "Mars", "--jurisdiction", "US"], "not a time zone"),
    ],
)
def test_what_cannot_be_done_says_why(
    command: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert said in capsys.readouterr().err
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_patient_is_not_staff(capsys: pytest.CaptureFixture[str]) -> None:
    main(SITE)
    assert main([*ANN, "patient"]) == 1
    assert "not a role" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_verify_says_whether_the_trail_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    main(SITE)
    seal_all()
    capsys.readouterr()
    assert main(["audit", "verify", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["whole"], found["links"], found["heads_checked"]) == (True, 1, 1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_row SET action = 'forged'")
    assert main(["audit", "verify"]) == 1
    assert "the row of this link was changed (1)" in capsys.readouterr().out
