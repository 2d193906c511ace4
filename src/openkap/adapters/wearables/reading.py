"""Telling what a file is by what it holds, not by its name, and reading it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from openkap.adapters.wearables import apple, google
from openkap.adapters.wearables.archive import MOST_UNPACKED, PIECE, Archive
from openkap.adapters.wearables.refusing import not_known, too_large
from openkap.adapters.wearables.tables import LARGEST as LARGEST_TABLE
from openkap.adapters.wearables.tables import MOST_ROWS, Table, read_table
from openkap.core.lifestyle import Tally
from openkap.core.lifestyle.daily import TooManyDevices
from openkap.errors import BadInput

LARGEST = 300 * 1024**2  # bytes of a file as it comes
LARGEST_JSON = 48 * 1024**2
TAKEN = re.compile(
    r"(?:^|/)(?:steps-[\d-]+\.json|sleep-[\d-]+\.json|steps_[\d-]+\.csv|UserSleeps_[\d-]+\.csv"
    r"|(?:Daily activity metrics|Daily Aggregations)\.csv)$"
)
APPLE = re.compile(r"(?:^|/)export\.xml$", re.IGNORECASE)


class Form(StrEnum):
    """What kind of file it is."""

    APPLE_HEALTH = "apple-health"
    TAKEOUT = "takeout"
    TABLE = "table"


@dataclass(frozen=True)
class Read:
    """What was read. `table`: one that nobody knows; a person says which column is what."""

    form: Form
    table: Table | None = None


def read_export(file: BinaryIO, tally: Tally) -> Read:
    """Put what the file says of steps and sleep into the tally. Raises `BadInput`."""
    size = file.seek(0, 2)
    if size > LARGEST:
        raise too_large()
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    try:
        return _read(file, head, tally)
    except TooManyDevices as error:
        raise too_large() from error


def _read(file: BinaryIO, head: bytes, tally: Tally) -> Read:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PK"):
        return _read_archive(Archive(file), tally)
    if start.startswith(b"<"):
        apple.Reader(tally).feed(_pieces(file))
        return Read(Form.APPLE_HEALTH)
    if start.startswith((b"[", b"{")):
        google.Reader(tally).take_json(_whole(file, LARGEST_JSON))
        return Read(Form.TAKEOUT)
    table = read_table(_whole(file, LARGEST_TABLE))
    if google.Reader(tally).take_table(table.headers, table.rows):
        return Read(Form.TAKEOUT)
    if len(table.rows) > MOST_ROWS:
        raise too_large()
    return Read(Form.TABLE, table)


def _read_archive(archive: Archive, tally: Tally) -> Read:
    names = archive.names()
    if found := next((name for name in names if APPLE.search(name)), ""):
        apple.Reader(tally).feed(archive.pieces(found))
        return Read(Form.APPLE_HEALTH)
    wanted = [name for name in names if TAKEN.search(name)]
    if not wanted:
        raise not_known()
    reader = google.Reader(tally)
    for name in sorted(wanted):
        _take_part(reader, archive, name, tally)
    return Read(Form.TAKEOUT)


def _take_part(reader: google.Reader, archive: Archive, name: str, tally: Tally) -> None:
    """One part of a Takeout; an empty month, or a part of another shape, does not spoil the others."""
    try:
        if name.endswith(".json"):
            reader.take_json(archive.whole(name, LARGEST_JSON))
        else:
            table = read_table(archive.whole(name, LARGEST_TABLE))
            reader.take_table(table.headers, table.rows)
    except BadInput as error:
        if str(error) != str(not_known()):
            raise
        tally.unreadable()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    seen = 0
    while piece := file.read(PIECE):
        seen += len(piece)
        if seen > MOST_UNPACKED:
            raise too_large()
        yield piece


def _whole(file: BinaryIO, most: int) -> bytes:
    found = file.read(most + 1)
    if len(found) > most:
        raise too_large()
    return found
