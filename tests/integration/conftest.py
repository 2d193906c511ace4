"""What tests against the database share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from django.utils import translation
from tests.factories.access import sign_in

from openkap.apps.access.models import User
from openkap.apps.dosing import clearing, snapshots


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A page that was read in Spanish leaves its language on the thread; the next test starts in English."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """A process remembers sessions by their numbers, which shared ones have anew in each test."""
    clearing._kept.clear()
    snapshots._kept.clear()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed slowly on purpose: a hundredth of it tells right from wrong as well."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", PBKDF2PasswordHasher.iterations // 100)


@pytest.fixture(autouse=True)
def whole_sign_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """`client.force_login(user)` signs in as the pages do: with a `SignIn` and a second factor."""

    def force_login(self: Client, user: User, backend: Any = None) -> None:
        sign_in(self, user)

    monkeypatch.setattr(Client, "force_login", force_login)
