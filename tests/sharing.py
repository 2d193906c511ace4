"""What several tests of a module start from, made once for all of them.

`world = shared(a_world)` is a fixture of the module: `a_world` runs once, in a transaction that is rolled back
when the module is done. Each test marked `django_db` works in a savepoint of it, so that it finds everything as
it was made, whatever the others did. Objects in memory are the same for all: a test that changes one, or needs
it as the database has it by then, calls `refresh_from_db`. Not for tests with `transaction=True`.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

T = TypeVar("T")


def shared(make: Callable[[], T]) -> Any:
    """A fixture of the module that gives what `make()` made."""

    @pytest.fixture(scope="module")
    def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[T]:
        with django_db_blocker.unblock(), transaction.atomic(), translation.override("en"):
            yield make()
            transaction.set_rollback(True)

    return made
