"""System checks of the web layer."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from openkap.web.assets import is_built


@register(Tags.staticfiles, deploy=True)
def styles_are_built(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:  # noqa: ARG001
    """`openkap.web.E001`: without the built styles and islands no page works."""
    if is_built():
        return []
    return [
        Error(
            "The styles and islands are not built.",
            hint="Run `npm ci && npm run build` in the checkout (`make setup` does).",
            id="openkap.web.E001",
        )
    ]
