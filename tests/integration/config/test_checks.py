"""Checks that say what would go wrong in service, before it does."""

from typing import Any

import pytest
from django.core.checks import run_checks

from openkap.config import checks


def ids(**options: Any) -> set[str]:
    found = run_checks(include_deployment_checks=True, **options)
    return {str(message.id) for message in found if str(message.id).startswith("openkap.")}


@pytest.mark.django_db
def test_a_sound_installation_has_nothing_but_the_tests_own_login(settings: Any) -> None:
    assert ids(databases=["default"]) <= {"openkap.W001", "openkap.web.E001"}


def test_a_key_that_everybody_knows_is_refused(settings: Any) -> None:
    settings.SECRET_KEY = "insecure-only-for-commands-that-serve-nobody"
    assert "openkap.E001" in ids()


def test_debugging_is_refused(settings: Any) -> None:
    settings.DEBUG = True
    assert "openkap.E002" in ids()


@pytest.mark.django_db
def test_an_old_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST_SERVER", 990_000)
    assert "openkap.E003" in ids(databases=["default"])


@pytest.mark.django_db
def test_a_login_that_owns_the_tables_is_warned_of() -> None:
    assert "openkap.W001" in ids(databases=["default"])  # tests connect as the owner


@pytest.mark.django_db
def test_every_message_says_what_to_do(settings: Any) -> None:
    settings.DEBUG, settings.SECRET_KEY = True, "insecure"
    found = run_checks(include_deployment_checks=True, databases=["default"])
    ours = [message for message in found if str(message.id).startswith("openkap.")]
    assert len(ours) >= 3
    assert all(message.hint for message in ours)
