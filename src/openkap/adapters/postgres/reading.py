"""What one page asks several times, asked once.

A page is put together from many parts, and several ask the same of the same patient: which knowledge is in
force, which doses were given, how suicide risk stands. While a page is only read nothing it is made of changes,
so the first answer holds for all of them. Outside of `one_page` (a form that is sent, a stream, due work, the
command line) nothing is remembered: there a change must be seen at once.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")
LONGEST = timedelta(minutes=1)  # that a page is worked on: what lies further ahead is no 'now' of its parts


@dataclass(frozen=True)
class _Page:
    """Answers so far, by what was asked of whom. `began`: a moment less than a minute later counts as 'now'."""

    began: datetime
    answers: dict[Hashable, Any] = field(default_factory=dict)

    def key(self, value: Hashable) -> Hashable:
        """Two parts of a page that ask about 'now' a few milliseconds apart ask the same."""
        is_now = isinstance(value, datetime) and self.began <= value < self.began + LONGEST
        return self.began if is_now else value


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


@contextmanager
def one_page(began: datetime) -> Iterator[None]:
    """Remember, until the end of the block, what functions marked `once_a_page` answer."""
    token = _page.set(_Page(began))
    try:
        yield
    finally:
        _page.reset(token)


def within_page() -> bool:
    """Whether answers are remembered now."""
    return _page.get() is not None


def once_a_page(ask: Callable[P, Answer]) -> Callable[P, Answer]:
    """Mark a read whose arguments say all it depends on, and whose answer nobody changes.

    Rows as arguments are told apart by their table and key.
    """

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Answer:
        page = _page.get()
        if page is None:
            return ask(*args, **kwargs)
        named = tuple((name, page.key(value)) for name, value in sorted(kwargs.items()))
        key = (ask, tuple(map(page.key, args)), named)
        if key not in page.answers:
            page.answers[key] = ask(*args, **kwargs)
        answer: Answer = page.answers[key]
        return answer

    return asked
