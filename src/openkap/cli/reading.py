"""Reading a chart's file for a command."""

from pathlib import Path

from openkap.errors import BadInput


def read_file(path: Path) -> bytes:
    """Its bytes, one more than is allowed, so that the reader refuses it. Raises `BadInput`."""
    from openkap.fhir.reading import MAX_BYTES  # noqa: PLC0415 (slow to load, not every command needs it)

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.") from error
