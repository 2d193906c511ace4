"""Finding the texts of Django templates for Babel (web/locale/babel.cfg names `texts_of_template`)."""

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def texts_of_template(
    file: IO[bytes], keywords: dict[str, Any], comment_tags: list[str], options: object
) -> Iterator[tuple[Any, ...]]:
    """Each translatable text of a template, as Babel's extractors yield them.

    Django turns the template into something like Python; its indentation means nothing and is taken off.
    """
    del options  # templates have none; Babel passes them by name
    code = templatize(file.read().decode("utf-8"))
    flat = "\n".join(line.strip() for line in code.splitlines())
    yield from extract_python(BytesIO(flat.encode("utf-8")), keywords, comment_tags, {"encoding": "utf-8"})
