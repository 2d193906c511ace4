"""The first seal of a trail, made while people work: nobody's act is passed over."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.factories.audit import seal_all

from openkap.apps.audit.operations import seal_rows
from openkap.apps.audit.queries import verify

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ACT = (
    "INSERT INTO audit_row (occurred_at, actor_kind, action, subject_kind, details)"
    " VALUES (now(), 'system', 'test.act', '', '{}')"
)


def beside() -> psycopg.Connection:
    """A connection of its own to the database of the test."""
    parameters = connection.get_connection_params()
    return psycopg.connect(
        **{
            key: value
            for key, value in parameters.items()
            if key in {"dbname", "host", "port", "user", "password"}
        }
    )


def test_an_act_that_ends_while_the_sealer_looks_does_not_overtake_an_older_one() -> None:
    seal_all()
    with beside() as older, beside() as younger:
        older.execute(ACT)  # and goes on working
        done = False

        def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            nonlocal done
            if "FROM audit_row r" in sql and not done:
                done = True
                younger.execute(ACT)
                younger.commit()
            return execute(sql, *rest)

        with connection.execute_wrapper(meanwhile):
            assert seal_rows(now=NOW) == 0
        assert done
        older.commit()
    assert seal_all() == 2
    found = verify()
    assert (found.whole, found.links, found.waiting) == (True, 2, 0)
