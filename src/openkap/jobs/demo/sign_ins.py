"""The demonstration's sign-ins: printed, and kept where only the server's user can read them."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

FILE = "demonstration-sign-ins.txt"
WORDS = (
    "harbour", "lantern", "orchard", "meadow", "copper", "willow", "granite", "saffron", "thistle", "ember",
    "juniper", "marble", "velvet", "pebble", "cinnamon", "heron", "walnut", "feather", "cobalt", "bramble",
)  # fmt: skip


@dataclass(frozen=True)
class SignIn:
    """One member of the made-up staff."""

    email: str
    password: str
    name: str
    role: str
    site: str


def a_password() -> str:
    """Four words and a number: new for every installation, the same for all its made-up staff."""
    return "-".join([*(secrets.choice(WORDS) for _ in range(4)), str(secrets.randbelow(900) + 100)])


def as_text(sign_ins: list[SignIn]) -> str:
    """The table that is printed."""
    width = max((len(one.email) for one in sign_ins), default=0)
    lines = [f"{one.email:<{width}}  {one.role}, {one.site}: {one.name}" for one in sign_ins]
    password = sign_ins[0].password if sign_ins else ""
    return "\n".join(["Demonstration sign-ins (made-up people):", *lines, f"Password for all: {password}"])


def keep(home: Path, text: str) -> Path:
    """Write the table for its owner's eyes only, whole or not at all."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = home / f".{FILE}.{os.getpid()}"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    unfinished.replace(home / FILE)
    return home / FILE


def kept(home: Path) -> str:
    """The table of an earlier call; '' when it is gone."""
    path = home / FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
