"""The files of pages: found, packed, kept by browsers, and nothing beside them."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from whitenoise.base import WhiteNoise  # type: ignore[import-untyped]

from openkap.web import static_files
from openkap.web.static_files import StaticFiles

NAME = "/static/built/app-ABCD1234.css"
TEXT = b"main { color: black }\n" * 50


class Beyond:
    """What is behind the files: it says that it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Any, _receive: Any, _send: Any) -> None:
        self.asked.append(scope.get("path", scope["type"]))


async def ask(files: StaticFiles, path: str = NAME, method: str = "GET", **headers: str) -> Any:
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        raise AssertionError("there is nothing to receive")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await files({"type": "http", "method": method, "path": path, "headers": named}, receive, send)
    if not sent:
        return None
    found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, sent[1]["body"]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StaticFiles:
    built = tmp_path / "built"
    built.mkdir()
    style = built / "app-ABCD1234.css"
    style.write_bytes(TEXT)
    style.with_name(f"{style.name}.gz").write_bytes(gzip.compress(TEXT))
    (built / "manifest.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("not below static/built")
    known = WhiteNoise(None, immutable_file_test=r"-[0-9A-Z]{8}\.\w+$")
    known.add_files(str(built), prefix="/static/built/")
    monkeypatch.setattr(static_files, "_files", lambda: known.files)
    return StaticFiles(Beyond())


async def test_a_file_with_its_type_kept_for_good(files: StaticFiles) -> None:
    for _ in range(2):  # read, and then remembered
        status, headers, body = await ask(files)
        assert (status, body) == (200, TEXT)
        assert headers["content-type"].startswith("text/css")
        assert headers["content-length"] == str(len(TEXT))
        assert "immutable" in headers["cache-control"]
        assert headers["vary"] == "Accept-Encoding"


async def test_packed_for_who_can_unpack(files: StaticFiles) -> None:
    await ask(files)  # the plain one is remembered, and is not what is sent now
    _, headers, body = await ask(files, accept_encoding="gzip, deflate, br")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == TEXT
    _, headers, body = await ask(files, accept_encoding="identity")
    assert "content-encoding" not in headers
    assert body == TEXT


async def test_what_has_not_changed_is_not_sent_again(files: StaticFiles) -> None:
    _, headers, _ = await ask(files)
    status, again, body = await ask(files, if_none_match=headers["etag"])
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]
    status, _, body = await ask(files, if_none_match='"another"')
    assert (status, body) == (200, TEXT)


async def test_the_head_alone(files: StaticFiles) -> None:
    await ask(files)
    status, headers, body = await ask(files, method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["content-length"] == str(len(TEXT))


async def test_a_part_of_a_file(files: StaticFiles) -> None:
    status, headers, body = await ask(files, range="bytes=0-3")
    assert (status, body) == (206, b"main")
    assert headers["content-range"] == f"bytes 0-3/{len(TEXT)}"
    assert (await ask(files))[2] == TEXT


async def test_what_changes_with_a_build_is_not_kept_for_good(files: StaticFiles) -> None:
    _, headers, _ = await ask(files, "/static/built/manifest.json")
    assert "immutable" not in headers["cache-control"]


async def test_the_same_protection_as_pages(files: StaticFiles) -> None:
    for more in ({}, {"if_none_match": (await ask(files))[1]["etag"]}):
        headers = (await ask(files, **more))[1]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/built/nothing.css",
        "/static/built/../secret.txt",
        "/static/built/%2e%2e/secret.txt",
        "/static/built/",
        "/portal/",
    ],
)
async def test_anything_else_is_passed_on(path: str) -> None:
    beyond = Beyond()
    assert await ask(StaticFiles(beyond), path) is None
    assert beyond.asked == [path]


async def test_only_reading_is_answered(files: StaticFiles) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert await ask(files, method=method) is None
    assert len(files._application.asked) == 4  # type: ignore[attr-defined]


async def test_other_than_http_is_passed_on() -> None:
    beyond = Beyond()
    await StaticFiles(beyond)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert beyond.asked == ["lifespan"]


HTTPS = {"SECURE_SSL_REDIRECT": True, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}


async def test_over_https_alone_where_that_is_so(files: StaticFiles) -> None:
    with override_settings(**HTTPS):
        assert await ask(files) is None  # Django redirects it
        assert (await ask(files, x_forwarded_proto="https"))[0] == 200


async def test_browsers_are_told_to_stay_with_https(files: StaticFiles) -> None:
    with override_settings(**HTTPS, SECURE_HSTS_SECONDS=60):
        again = StaticFiles(Beyond())
        assert "max-age=60" in (await ask(again, x_forwarded_proto="https"))[1]["strict-transport-security"]


async def test_more_than_fits_is_read_each_time(files: StaticFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "LARGEST_SUM", 10)
    for _ in range(2):
        assert (await ask(files))[2] == TEXT
    assert files._kept == {}
