"""Characters that no text of a person holds, and no database keeps: refused in one place, for every form."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.middleware.base import refusal, wants_json
from openkap.errors import BadInput
from openkap.web.views.errors import error_response

BAD_REQUEST = 400
REASON = _("A sign in it is no text and cannot be kept. It may have come along when something was pasted.")


def is_plain(text: str) -> bool:
    """Whether a database can keep it: no NUL, no half of a character."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def refuse_what_is_no_text(request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse | None:
    """400 for an address or form that holds such characters; None when all is well."""
    if all(is_plain(text) for text in _texts(request, kwargs)):
        return None
    if wants_json(request):
        return refusal(BadInput.code, str(REASON), status=BAD_REQUEST)
    return error_response(request, BAD_REQUEST, str(REASON))


def _texts(request: HttpRequest, kwargs: dict[str, Any]) -> Iterator[str]:
    yield from (value for value in kwargs.values() if isinstance(value, str))
    for fields in (request.GET, request.POST):
        for name, values in fields.lists():
            yield name
            yield from values
