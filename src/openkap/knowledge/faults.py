"""What is wrong with a record's file, in plain words: for authors and for those who upload wording packs."""

import yaml
from pydantic import ValidationError

MOST_NAMED = 6


def faults_of(error: ValidationError) -> list[str]:
    """Each fault with the place it is at: 'items, 3rd, text: is missing'."""
    return [f"{_place(one['loc'])}: {_plainly(one['type'], one['msg'])}" for one in error.errors()]


def named(faults: list[str]) -> str:
    """The first faults in one line; how many more there are."""
    more = len(faults) - MOST_NAMED
    return "; ".join(faults[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def unreadable(error: Exception) -> str:
    """Why a text is no YAML, with its line where that is known."""
    if isinstance(error, UnicodeDecodeError):
        return "The file is not readable as text in UTF-8."
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        return f"The file is not readable as YAML: line {line}: {error.problem or error.context}."
    return "The file is not readable as YAML."


def _place(location: tuple[str | int, ...]) -> str:
    if not location:
        return "the record"
    return ", ".join(_ordinal(part + 1) if isinstance(part, int) else part for part in location)


def _ordinal(number: int) -> str:
    teens = 10 < number % 100 < 14
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _plainly(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field that belongs here; is it misspelt?"
        case "value_error" | "assertion_error":
            return message.partition(", ")[2] or message
        case _:
            return message[0].lower() + message[1:]
