"""The files of pages, answered before Django: from memory, with what their readers may keep for good."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.middleware.security import SecurityMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.responders import Response, StaticFile  # type: ignore[import-untyped]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

# What WhiteNoise looks at, by the name under which it looks.
ENCODING = "HTTP_ACCEPT_ENCODING"
ASKED = {
    b"accept-encoding": ENCODING,
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
    b"range": "HTTP_RANGE",
}
LARGEST_SUM = 32 * 2**20  # bytes kept; what comes later is read from the disk each time


@dataclass(frozen=True)
class Answer:
    """What is sent for one file as asked for in one way."""

    status: int
    headers: Headers
    body: bytes


class StaticFiles:
    """Answers GET and HEAD of files known at the start; everything else goes on to `application`.

    Each page brings half a dozen of them. They need no sign-in, no session and no thread.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._files: Mapping[str, StaticFile] = _files()
        self._fixed = _fixed_headers()
        self._kept: dict[str, Answer] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        file = self._file(scope)
        if file is None:
            await self._application(scope, receive, send)
            return
        answer = self._answer(scope, file)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _file(self, scope: Scope) -> StaticFile | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        if settings.SECURE_SSL_REDIRECT and not _came_safely(scope):
            return None  # Django sends it to the safe address
        return self._files.get(scope["path"])

    def _answer(self, scope: Scope, file: StaticFile) -> Answer:
        asked = {ASKED[name]: value.decode("latin-1") for name, value in scope["headers"] if name in ASKED}
        if asked.keys() - {ENCODING}:
            return self._read(file.get_response(scope["method"], asked))
        path, _headers = file.get_path_and_headers(asked)  # of those there are, the one the reader can unpack
        whole = self._kept.get(path) or self._keep(path, self._read(file.get_response("GET", asked)))
        return whole if scope["method"] == "GET" else replace(whole, body=b"")

    def _read(self, found: Response) -> Answer:
        body = b""
        if found.file is not None:
            with found.file:
                body = found.file.read()
        headers = tuple((name.encode(), value.encode("latin-1")) for name, value in found.headers)
        return Answer(int(found.status), (*headers, *self._fixed), body)

    def _keep(self, path: str, answer: Answer) -> Answer:
        if self._size + len(answer.body) <= LARGEST_SUM:
            self._size += len(answer.body)
            self._kept[path] = answer
        return answer


def _files() -> Mapping[str, StaticFile]:
    """Every file by its path; none where files change under the hands of developers."""
    known: Mapping[str, StaticFile] = WhiteNoiseMiddleware(_nothing).files
    return known


def _nothing(_request: HttpRequest) -> HttpResponse:
    """What stands behind the middleware here: nothing is passed on to it."""
    return HttpResponseNotFound()


def _fixed_headers() -> Headers:
    """What the middleware put on every answer, worked out once: none of it depends on who asks."""
    request, response = HttpRequest(), HttpResponse()
    if safe := _safely():
        name, value = safe
        request.META[name] = value
    security, csp = SecurityMiddleware(_nothing), CSPMiddleware(_nothing)
    csp.process_request(request)
    csp.process_response(request, security.process_response(request, response))
    del response.headers["Content-Type"]
    return tuple((name.encode(), value.encode("latin-1")) for name, value in response.headers.items())


def _safely() -> tuple[str, str] | None:
    """The header, under Django's name for it, by which a proxy says that a request came over HTTPS."""
    named: tuple[str, str] | None = settings.SECURE_PROXY_SSL_HEADER
    return named


def _came_safely(scope: Scope) -> bool:
    name, value = _safely() or ("", "")
    wanted = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
    return (wanted, value.encode()) in scope["headers"]
