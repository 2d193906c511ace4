"""Structured logs that cannot carry what patients told.

A line is one JSON object made of the fields in `FIELDS` and nothing else. Of other libraries' messages only the
pattern is kept, never what was filled in; of an exception its type and where it was raised, never its words.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from typing import Any

import structlog
from structlog.typing import Processor

FIELDS = frozenset(
    {
        "timestamp", "level", "logger", "event", "process",
        "request_id", "method", "route", "status", "ms", "user",
        "routine", "job", "attempt", "count", "port", "exit_code", "seconds",
        "exception", "frames", "place",
    }
)  # fmt: skip
LARGEST_FILE = 10_000_000  # bytes
FILES_KEPT = 5
# These name addresses with ids in them, or repeat our own line.
SILENT = ("uvicorn.access", "django.server")
QUIET = ("django.request", "procrastinate", "uvicorn.error", "asyncio")

Event = MutableMapping[str, Any]


def only_known_fields(_logger: object, _method: str, event: Event) -> Event:
    """Drop every field that is not in `FIELDS`."""
    return {name: value for name, value in event.items() if name in FIELDS}


def exception_without_words(_logger: object, _method: str, event: Event) -> Event:
    """Put the exception's type and the places it came through where its text would be."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event["frames"] = [
            f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)
        ]
    return event


def fixed_part(_logger: object, _method: str, event: Event) -> Event:
    """Of another library's message keep where it is written, and its pattern when it has one to be filled in.

    A message without arguments may have been filled in already, so nothing of it is kept.
    """
    record, has_arguments = event["_record"], bool(event.pop("positional_args", None))
    event["event"] = record.msg if has_arguments and isinstance(record.msg, str) else "message"
    event["place"] = f"{record.pathname}:{record.lineno}"
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter() -> logging.Formatter:
    """What turns every record, ours or another library's, into one line of JSON."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*SHARED, fixed_part],
        processors=[
            exception_without_words,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            only_known_fields,
            structlog.processors.JSONRenderer(),
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


def configure(options: dict[str, Any]) -> None:
    """Send all logs to the file named in `options`, else to the standard error stream."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler.formatter, type(formatter()))]:
        root.removeHandler(old)
    handler = _handler(options.get("file"))
    handler.setFormatter(formatter())
    root.addHandler(handler)
    root.setLevel(options.get("level", "INFO"))
    for name in SILENT:
        logging.getLogger(name).disabled = True
    for name in QUIET:
        logging.getLogger(name).setLevel("WARNING")


def _handler(file: str | None) -> logging.Handler:
    if file:
        return RotatingFileHandler(file, maxBytes=LARGEST_FILE, backupCount=FILES_KEPT, encoding="utf-8")
    return logging.StreamHandler(sys.stderr)
