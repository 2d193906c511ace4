"""Time that passes in a journey: the browser and the product live in the present, so the past is moved back."""

from datetime import timedelta

import psycopg
from psycopg.sql import SQL, Identifier
from tests.product import Product

# What is bound to the real clock: who is signed in, what waits to be done, and the trail, which would show it;
# and consents, whose signatures are bound to the very moment.
OF_THE_PRESENT = ("access", "audit", "auth", "consent", "django", "procrastinate", "account", "mfa")
COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables
     USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND (data_type = 'timestamp with time zone' OR data_type = 'date' AND table_name LIKE 'planning%')
     ORDER BY table_name
"""


def pass_time(product: Product, **how_long: float) -> None:
    """Let `timedelta(**how_long)` pass: all that was entered is that much older, planned days come nearer.

    Streams keep the state of a session until its next entry: make one after this, then rely on the state.
    """
    span = timedelta(**how_long)
    with psycopg.connect(product.database) as owner:
        owner.execute("SET LOCAL session_replication_role TO replica")
        tables: dict[str, list[SQL]] = {}
        for table, column, kind in owner.execute(COLUMNS).fetchall():
            if not table.startswith(OF_THE_PRESENT):
                by = SQL("%(days)s::integer") if kind == "date" else SQL("%(span)s::interval")
                moved = SQL("{0} = {0} - {1}").format(Identifier(column), by)
                tables.setdefault(table, []).append(moved)
        for table, moves in tables.items():
            owner.execute(
                SQL("UPDATE {} SET {}").format(Identifier(table), SQL(", ").join(moves)),
                {"span": span, "days": span.days},
            )
