"""The words of a PDF as our documents write them, for tests: enough of the format, and no more.

Reads objects (also those in object streams), follows each page to its fonts, and turns glyphs into letters
by the fonts' own tables.
"""

import re
import zlib
from functools import cached_property

OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)\s*endobj", re.DOTALL)
STREAM = re.compile(rb"/Length (\d+)\b.*?stream\r?\n", re.DOTALL)
SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9a-fA-F]+)>|(\()|(T[dDm*]|ET)\b", re.DOTALL)
PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
RANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Pdf:
    """One document."""

    def __init__(self, made: bytes) -> None:
        self.made = made
        self.objects = {int(number): body for number, body in OBJECT.findall(made)}
        for body in list(self.objects.values()):
            if b"/ObjStm" in body:
                self._take(body)

    def _take(self, body: bytes) -> None:
        first, count = (int(re.search(rb"/%s (\d+)" % name, body)[1]) for name in (b"First", b"N"))  # type: ignore[index]
        inside = self._stream(body)
        head = [int(word) for word in inside[:first].split()][: 2 * count]
        places = [*head[1::2], len(inside) - first]
        for number, begin, end in zip(head[::2], places, places[1:], strict=False):
            self.objects[number] = inside[first + begin : first + end]

    @staticmethod
    def _stream(body: bytes) -> bytes:
        found = STREAM.search(body)
        assert found
        # Cut by its length: what is packed may itself end like a line.
        packed = body[found.end() : found.end() + int(found[1])]
        return zlib.decompress(packed) if b"/FlateDecode" in body else packed

    @cached_property
    def pages(self) -> list[bytes]:
        """Bodies of the pages in order."""
        return [body for _number, body in sorted(self.objects.items()) if re.search(rb"/Type\s*/Page\b", body)]

    @cached_property
    def text(self) -> str:
        """All words; runs of blanks are one."""
        return re.sub(r"\s+", " ", " ".join(self._page(page) for page in self.pages))

    def _page(self, page: bytes) -> str:
        fonts = self._fonts(page)
        contents = re.search(rb"/Contents\s*\[?\s*(\d+) 0 R", page)
        assert contents
        return self._words(self._stream(self.objects[int(contents[1])]), fonts)

    def _fonts(self, page: bytes) -> dict[bytes, dict[int, str]]:
        found = re.search(rb"/Resources\s*(\d+) 0 R", page)
        resources = self.objects[int(found[1])] if found else page
        table = re.search(rb"/Font\s*<<(.*?)>>", resources, re.DOTALL)
        named = re.findall(rb"/(\w+) (\d+) 0 R", table[1]) if table else []
        return {name: self._letters(self.objects[int(number)]) for name, number in named}

    def _letters(self, font: bytes) -> dict[int, str]:
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", font)
        assert to_unicode, "a font without its letters: the document cannot be read aloud"
        table = self._stream(self.objects[int(to_unicode[1])])
        letters: dict[int, str] = {}
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
            for glyph, letter in PAIR.findall(block):
                letters[int(glyph, 16)] = bytes.fromhex(letter.decode()).decode("utf-16-be")
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
            for first, last, letter in RANGE.findall(block):
                for step, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                    letters[code] = chr(int(letter, 16) + step)
        return letters

    def _words(self, content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
        letters: dict[int, str] = {}
        out = []
        at = 0
        while found := SHOWN.search(content, at):
            at = found.end()
            font, digits, literal, moves = found.groups()
            if font:
                letters = fonts.get(font, letters)
            elif moves:
                out.append(" ")
            else:
                raw = bytes.fromhex(digits.decode()) if digits else b""
                if literal:
                    raw, at = _literal(content, at)
                glyphs = (int.from_bytes(raw[i : i + 2]) for i in range(0, len(raw) - 1, 2))
                out.extend(letters.get(glyph, "\ufffd") for glyph in glyphs)
        return "".join(out)


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """The bytes of a string that began before `at`, and where it ends; its brackets are balanced or escaped."""
    depth, out = 1, bytearray()
    while True:
        byte = content[at : at + 1]
        at += 1
        if byte == b"\\":
            octal = re.match(rb"[0-7]{1,3}", content[at : at + 3])
            code = octal[0] if octal else content[at : at + 1]
            out += bytes([int(code, 8)]) if octal else ESCAPES.get(code, code)
            at += len(code)
            continue
        depth += {b"(": 1, b")": -1}.get(byte, 0)
        if depth == 0:
            return bytes(out), at
        out += byte
