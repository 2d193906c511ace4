"""What several tests of a module start from, made once for all of them.

    @shared
    def cared() -> CaredFor:
        return cared_for()

is a fixture: `cared()` runs once, in a transaction that is rolled back when the module is done. Each test that
is marked `django_db` works in a savepoint of it, so that every one finds the database as it was made, whatever
the others did, and has a copy of its own of what was returned. What is shared in a module is there for all its
tests, in whatever order they run. Not for modules that have tests with `transaction=True`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

T = TypeVar("T")
_makes: dict[str, dict[str, Callable[[], Any]]] = defaultdict(dict)  # by module, then by name


def shared(make: Callable[[], T]) -> Any:
    """A fixture that gives each test of the module where `make` is written what `make()` made, once."""
    _makes[make.__module__][make.__name__] = make

    @pytest.fixture
    def made(shared_worlds: dict[str, Any]) -> T:
        copy: T = deepcopy(shared_worlds[make.__name__])
        return copy

    return made


@contextmanager
def worlds_of(module: str, blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """What is shared in `module`, by name, while the block runs."""
    with blocker.unblock(), transaction.atomic(), translation.override("en"):
        made = {name: make() for name, make in _makes[module].items()}
        with blocker.block():
            yield made
        transaction.set_rollback(True)


def shares(module: str) -> bool:
    """Whether anything is shared in `module`."""
    return module in _makes
