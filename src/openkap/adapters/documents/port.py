"""What OpenKAP asks of whatever sets its documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from openkap.errors import OpenkapError


class CannotRender(OpenkapError):
    """The document could not be made. The message names the template, never the data."""

    code = "cannot-render"


class Documents(Protocol):
    """Sets documents."""

    def render(self, template: str, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
        """The PDF of `template`, a path below the package such as 'apps/consent/documents/consent.typ'.

        `data` is what JSON can say; it holds at least `title` and `lang`. `made_at` is written into the file,
        so that the same template, data and moment give the same bytes. Raises `CannotRender`.
        """
        ...
