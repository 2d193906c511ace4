"""Columns of the chart's own kinds."""

from typing import TYPE_CHECKING, Any

from django.db import models

from openkap.units.partial_dates import PartialDate

if TYPE_CHECKING:
    TextColumn = models.CharField[PartialDate | None, PartialDate | None]
else:
    TextColumn = models.CharField


class PartialDateField(TextColumn):
    """A date as far as it was said, kept as it was written; null where nothing was said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_rest: object) -> PartialDate | None:
        return None if value is None else PartialDate.parse(value)

    def to_python(self, value: Any) -> PartialDate | None:
        return value if value is None or isinstance(value, PartialDate) else PartialDate.parse(value)

    def get_prep_value(self, value: Any) -> Any:
        return value.text if isinstance(value, PartialDate) else value
