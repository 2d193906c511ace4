"""The parts of a safety plan, in our own words.

The structure is Stanley and Brown's (Cogn Behav Pract 2012;19:256-264; the paper was not read).
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOST_LINES = 12
NUMBER = re.compile(r"\+?\d[\d\s()./-]{1,24}\d")


@dataclass(frozen=True)
class Section:
    """One part: its title as the patient reads it, what to ask for, and its icon."""

    id: str
    title: "_StrPromise"
    prompt: "_StrPromise"
    icon: str


@dataclass(frozen=True)
class Line:
    """One line as it was written, and the telephone number in it, if there is one."""

    text: str
    number: str = ""


SECTIONS = (
    Section("signs", _("How I notice that it gets dangerous"),
            _("Thoughts, pictures, moods, situations, what you do then. One per line."), icon="eye"),
    Section("coping", _("What I can do myself"),
            _("Things that take your mind off it without anybody else. One per line."), icon="heart"),
    Section("distraction", _("People and places that take my mind off it"),
            _("Without having to talk about it. One per line; a telephone number may follow."), icon="home"),
    Section("helpers", _("People I can ask for help"),
            _("Who knows, or may know. One per line, with their telephone number."), icon="users"),
    Section("professionals", _("Professionals and places I can turn to"),
            _("Therapist, doctor, crisis line, emergency room. One per line, with their telephone number."),
            "stethoscope"),
    Section("surroundings", _("How my surroundings become safer"),
            _("What could be used for it, and who keeps it away. One per line."), icon="lock"),
)  # fmt: skip


def line_of(text: str) -> Line:
    """A line with its telephone number found: 'Marta, 555 0178'."""
    found = NUMBER.search(text)
    return Line(text, "" if found is None else re.sub(r"[^\d+]", "", found.group()))
