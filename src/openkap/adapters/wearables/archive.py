"""Zip archives from outside: read as streams, never unpacked to a disk, and only so far.

Names in an archive are looked at, not used as paths. What a part says of its own size is not believed: bytes
are counted as they come.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from openkap.adapters.wearables.refusing import broken, too_large

PIECE = 256 * 1024
MOST_UNPACKED = 2 * 1024**3  # bytes, of all parts that are read
MOST_PARTS = 5000  # that are read
LARGEST_INDEX = 16 * 1024**2  # bytes of the list of parts: it is read as a whole
DENSEST = 200  # unpacked to packed; text of this kind reaches 40
DENSE_FROM = 32 * 1024**2  # below this a dense part does no harm
TAIL = 22 + 0xFFFF  # where the end of the list must lie
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """A zip archive within bounds. Raises `BadInput` for anything else."""

    def __init__(self, file: BinaryIO) -> None:
        _check_index(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, struct.error, UnicodeError) as error:
            raise broken() from error
        self._unpacked = 0
        self._parts = 0

    def names(self) -> list[str]:
        """The parts, as they are called in there, each once."""
        return list(dict.fromkeys(info.filename for info in self._zip.infolist() if not info.is_dir()))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part, piece by piece."""
        info = self._zip.getinfo(name)
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise too_large()
        if info.flag_bits & 1 or info.compress_type not in METHODS:
            raise broken()
        seen = 0
        try:
            with self._zip.open(info) as part:
                while piece := part.read(PIECE):
                    seen += len(piece)
                    self._count(len(piece), seen, info.compress_size)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
            raise broken() from error

    def whole(self, name: str, most: int) -> bytes:
        """A part that fits in the memory: at most so many bytes."""
        found = bytearray()
        for piece in self.pieces(name):
            found += piece
            if len(found) > most:
                raise too_large()
        return bytes(found)

    def _count(self, piece: int, seen: int, packed: int) -> None:
        self._unpacked += piece
        if self._unpacked > MOST_UNPACKED or (seen > DENSE_FROM and seen > DENSEST * max(packed, 1)):
            raise too_large()


def _check_index(file: BinaryIO) -> None:
    """Refuse a list of parts that is too long to be read as a whole."""
    size = file.seek(0, 2)
    file.seek(max(size - TAIL, 0))
    tail = file.read(TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise broken()
    index = struct.unpack_from("<L", tail, end + 12)[0]
    if tail[max(end - 20, 0) : end][:4] == b"PK\x06\x07":  # the same once more, with longer numbers
        at = struct.unpack_from("<Q", tail, end - 20 + 8)[0]
        file.seek(min(at, size))
        record = file.read(56)
        if len(record) < 56 or record[:4] != b"PK\x06\x06":
            raise broken()
        index = struct.unpack_from("<Q", record, 40)[0]
    file.seek(0)
    if index > LARGEST_INDEX:
        raise too_large()
