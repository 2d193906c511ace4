"""Queries that every request asks, their SQL worked out once.

Django works out the SQL of a query each time it is asked, which takes longer than asking. What every request
asks, with other values each time, is worked out at the first asking and kept for the life of the process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


class Given(Expression):
    """A value that comes with the asking: `Patient.objects.filter(user=Given("user"))`.

    The value is handed to the driver as it is: of the field's own type, and for a relation its key.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Its place, and itself instead of the value."""
        return "%s", [self]


@dataclass(frozen=True)
class _Plan:
    """What Django worked out: the SQL, where values go in, and how rows become objects."""

    sql: str
    parameters: tuple[Any, ...]
    compiler: Any
    model: type[Model]
    names: list[str]
    part: slice
    related: list[Any]
    converters: Any


class Prepared(Generic[Row]):
    """A query for whole rows of one model, those of `select_related` with them.

    `asked` makes the query; it must not depend on anything but the `Given` values, nor be empty by itself.
    """

    def __init__(self, asked: Callable[[], QuerySet[Row]]) -> None:
        self._asked = asked
        self._plan: _Plan | None = None

    def all(self, **given: Any) -> list[Row]:
        """Every row. Raises `KeyError` for a value that was not given."""
        plan = self._plan or self._worked_out()
        values = [given[one.name] if isinstance(one, Given) else one for one in plan.parameters]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, values)
            rows: Any = cursor.fetchall()
        if plan.converters:
            rows = plan.compiler.apply_converters(rows, plan.converters)
        return [self._made(plan, row) for row in rows]

    def first(self, **given: Any) -> Row | None:
        """The first row, or none."""
        found = self.all(**given)
        return found[0] if found else None

    def _worked_out(self) -> _Plan:
        compiler = self._asked().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        select, info = compiler.select, compiler.klass_info
        assert select is not None  # noqa: S101  a query for rows has columns
        assert info is not None  # noqa: S101
        columns = info["select_fields"]
        part = slice(columns[0], columns[-1] + 1)
        self._plan = _Plan(
            sql=sql,
            parameters=tuple(parameters),
            compiler=compiler,
            model=info["model"],
            names=[column[0].target.attname for column in select[part]],
            part=part,
            related=get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]
            converters=compiler.get_converters([column[0] for column in select]),
        )
        return self._plan

    def _made(self, plan: _Plan, row: Any) -> Row:
        made: Any = plan.model.from_db(connection.alias, plan.names, row[plan.part])
        for one in plan.related:
            one.populate(row, made)
        found: Row = made
        return found
