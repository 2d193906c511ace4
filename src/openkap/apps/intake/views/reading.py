"""Reading what a page sends while somebody types."""

import json

from openkap.errors import BadInput

LARGEST = 64 * 1024  # bytes
MOST_FIELDS = 40


def typed_fields(body: bytes) -> dict[str, list[str]]:
    """An object of lists of strings. Raises `BadInput` for anything else."""
    if len(body) > LARGEST:
        raise BadInput("This is too long to keep.")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput("What was typed could not be read.") from error
    if not isinstance(fields, dict) or len(fields) > MOST_FIELDS:
        raise BadInput("What was typed could not be read.")
    if not all(
        isinstance(values, list) and all(isinstance(one, str) for one in values) for values in fields.values()
    ):
        raise BadInput("What was typed could not be read.")
    return fields
