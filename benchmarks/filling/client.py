"""A browser's part of the work: one connection, cookies, forms. No library: the load must cost little."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

Note = Callable[[str, float], None]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str:
        """Where it sends the browser; '' when nowhere."""
        parts = urlsplit(self.headers.get("location", ""))
        return parts.path


@dataclass
class Browser:
    """One person's browser. `note(kind, milliseconds)` hears of every request."""

    host: str
    port: int
    comes_from: str
    note: Note
    cookies: dict[str, str] = field(default_factory=dict)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def get(self, kind: str, path: str) -> Answer:
        """Show a page."""
        return await self._ask(kind, "GET", path, b"", {})

    async def post(self, kind: str, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self._token()}).encode()
        return await self._ask(kind, "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    async def put(self, kind: str, path: str, body: bytes) -> Answer:
        """Send what was tapped."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": self._token(),
        }
        return await self._ask(kind, "PUT", path, body, headers)

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            self._reader = self._writer = None

    def _token(self) -> str:
        return self.cookies.get("csrftoken", "")

    async def _ask(self, kind: str, method: str, path: str, body: bytes, more: Mapping[str, str]) -> Answer:
        request = self._head(method, path, body, more) + body
        began = time.perf_counter()
        answer = await self._exchange(request)
        self.note(kind, (time.perf_counter() - began) * 1000)
        return answer

    async def _exchange(self, request: bytes) -> Answer:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        reader, writer = self._reader, self._writer
        assert reader is not None
        writer.write(request)
        await writer.drain()
        answer = await self._read(reader)
        if answer.headers.get("connection", "").lower() == "close":
            await self.close()
        return answer

    def _head(self, method: str, path: str, body: bytes, more: Mapping[str, str]) -> bytes:
        headers = {
            "Host": f"{self.host}:{self.port}",
            "Accept": "text/html,application/xhtml+xml",
            "Accept-Encoding": "gzip, deflate, br",  # only files come packed; nobody here unpacks them
            "Accept-Language": "en",
            "X-Forwarded-For": self.comes_from,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Length": str(len(body)),
            **more,
        }
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status, headers = int(head[0].split()[1]), {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content.strip('"')
            elif name:
                headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, await _chunks(reader))
        return Answer(status, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
