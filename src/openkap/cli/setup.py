"""`openkap setup`: begin a real installation with its first site, administrator and medical director."""

import argparse
import getpass
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from openkap.cli.database import django_on
from openkap.config.addresses import DatabaseAddresses, database
from openkap.config.home import home_directory
from openkap.config.keys import key
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.access.bootstrap import Begun, FirstPerson
    from openkap.apps.sites.models import Site

# option: (what is asked for at a terminal, what --help says)
QUESTIONS = {
    "site": ("Name of the first site", "name of the first site"),
    "time_zone": ("Its time zone, such as America/Los_Angeles", "its IANA time zone, such as Europe/Zurich"),
    "jurisdiction": ("Country and state whose rules apply, such as US-CA", "country and state, such as US-CA"),
    "administrator_email": (
        "Administrator's e-mail (to sign in with; nothing is sent)",
        "e-mail the administrator signs in with; nothing is sent",
    ),
    "administrator_name": ("Administrator's name", "the administrator's name"),
    "medical_director_email": (
        "Medical director's e-mail (the administrator's again, if it is one person)",
        "e-mail the medical director signs in with; the administrator's again, if it is one person",
    ),
    "medical_director_name": ("Medical director's name", "the medical director's name"),
}
HOW_ON = (  # a link lives as long as config.settings.PASSWORD_RESET_TIMEOUT says
    "A link works once, within three days. Hand it over in person: whoever opens it chooses the password.",
    "Everyone adds a second factor (an app's code or a passkey) at the first sign-in.",
    "`openkap serve` starts the pages, unless they run already.",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the options. What is not given is asked for at a terminal."""
    for option, (_, meaning) in QUESTIONS.items():
        parser.add_argument(_flag(option), metavar="TEXT", help=meaning)
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="first line: the administrator's first password, instead of a link ('-' for the standard input)",
    )
    parser.add_argument(
        "--address",
        default=os.environ.get("OPENKAP_ORIGINS", "").split(",")[0] or "http://localhost:8000",
        metavar="URL",
        help="where the pages are, for the links that are printed (default: the first of OPENKAP_ORIGINS, "
        "or http://localhost:8000)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(wrong_usage=parser.error)


def run(options: argparse.Namespace) -> int:
    """Set up: everything or nothing. Raises `NotAllowedNow` when there are accounts, `BadInput`."""
    if not sys.stdin.isatty():
        _check_complete(options)
    password = _password(options.password_file)
    with database(home_directory()) as addresses:
        _bring_up_to_date(addresses)
        with django_on(addresses.app):
            from openkap.apps.access import bootstrap  # noqa: PLC0415 (Django must be set up first)

            bootstrap.check_nothing_there()
            _ask_for_the_rest(options)
            site, people = bootstrap.begin(
                options.site, options.time_zone, options.jurisdiction, _people(options, password)
            )
    if options.json:
        print(json.dumps(_as_json(site, people, options.address), ensure_ascii=False))
    else:
        print("\n".join(_in_words(site, people, options.address)))
    return 0


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"


def _missing(options: argparse.Namespace) -> list[str]:
    same = options.medical_director_email and options.medical_director_email == options.administrator_email
    optional = {"medical_director_name"} if same else set()
    return [option for option in QUESTIONS if not getattr(options, option) and option not in optional]


def _check_complete(options: argparse.Namespace) -> None:
    if missing := _missing(options):
        options.wrong_usage(
            f"without a terminal to ask at, these are needed too: {', '.join(map(_flag, missing))}"
        )


def _ask_for_the_rest(options: argparse.Namespace) -> None:
    for option, (question, _) in QUESTIONS.items():
        if option in _missing(options):
            setattr(options, option, _answer(question, CHECKS.get(option)))


def _answer(question: str, check: "Callable[[str], str | None] | None") -> str:
    """Ask until there is an answer that can be used. The questions go to the error stream."""
    while True:
        print(f"{question}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise NotAllowedNow("Set-up was broken off; nothing was changed.")
        answer = line.strip()
        trouble = (check(answer) if check else None) if answer else "An answer is needed."
        if trouble is None:
            return answer
        print(trouble, file=sys.stderr)


def _zone_trouble(answer: str) -> str | None:
    from zoneinfo import available_timezones  # noqa: PLC0415 (slow: it reads folders)

    known = available_timezones()
    if answer in known:
        return None
    near = sorted(zone for zone in known if answer.lower().replace(" ", "_") in zone.lower())[:5]
    return "There is no such zone." + (f" Perhaps: {', '.join(near)}?" if near else "")


def _jurisdiction_trouble(answer: str) -> str | None:
    from openkap.apps.sites.operations import JURISDICTION  # noqa: PLC0415 (Django must be set up first)

    return None if JURISDICTION.fullmatch(answer) else "Write two capital letters, or as in US-CA."


def _email_trouble(answer: str) -> str | None:
    from django.core.exceptions import ValidationError  # noqa: PLC0415 (slow to load)
    from django.core.validators import validate_email  # noqa: PLC0415

    try:
        validate_email(answer)
    except ValidationError:
        return "This is not an e-mail address."
    return None


CHECKS: dict[str, Callable[[str], str | None]] = {
    "time_zone": _zone_trouble,
    "jurisdiction": _jurisdiction_trouble,
    "administrator_email": _email_trouble,
    "medical_director_email": _email_trouble,
}


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    if str(path) == "-":
        return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The password could not be read from {path}.") from error


def _people(options: argparse.Namespace, password: str | None) -> "list[FirstPerson]":
    from openkap.apps.access.bootstrap import FirstPerson  # noqa: PLC0415 (Django must be set up first)
    from openkap.apps.access.roles import Role  # noqa: PLC0415

    first, second = options.administrator_email.strip(), options.medical_director_email.strip()
    if first.lower() == second.lower():
        both = (Role.ADMINISTRATOR, Role.MEDICAL_DIRECTOR)
        return [FirstPerson(first, options.administrator_name, both, password)]
    return [
        FirstPerson(first, options.administrator_name, (Role.ADMINISTRATOR,), password),
        FirstPerson(second, options.medical_director_name, (Role.MEDICAL_DIRECTOR,)),
    ]


def _bring_up_to_date(addresses: DatabaseAddresses) -> None:
    """Migrate with the owner's login, in a process of its own as that login is not kept here."""
    environment = {
        **os.environ,
        "OPENKAP_DATABASE_URL": addresses.app,
        "OPENKAP_MIGRATE_URL": addresses.owner,
        "OPENKAP_SECRET_KEY": os.environ.get("OPENKAP_SECRET_KEY") or key(home_directory(), "secret-key"),
    }
    words = [sys.executable, "-m", "openkap.cli", "migrate", "--json"]
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603 (our own program)
    if done.returncode != 0:
        raise NotAllowedNow("The database could not be brought up to date; nothing was set up.")


def _as_json(site: "Site", people: "list[Begun]", address: str) -> dict[str, object]:
    return {
        "site": {"id": str(site.public_id), "name": site.name},
        "people": [
            {
                "id": str(one.user.public_id),
                "email": one.user.email,
                "roles": [role.value for role in one.roles],
                "link": _link(address, one),
            }
            for one in people
        ],
    }


def _in_words(site: "Site", people: "list[Begun]", address: str) -> list[str]:
    from openkap.apps.access.roles import ROLE_NAMES  # noqa: PLC0415 (Django must be set up first)

    lines = [f"{site.name} is open."]
    for one in people:
        roles = " and ".join(str(ROLE_NAMES[role]) for role in one.roles)
        lines += ["", f"{one.user.full_name} ({roles}) signs in as {one.user.email}:"]
        lines.append(f"  {_link(address, one) or 'with the password that was given'}")
    return [*lines, "", *HOW_ON, f"Sign in at {address.rstrip('/')}/sign-in/."]


def _link(address: str, one: "Begun") -> str | None:
    return None if one.path is None else f"{address.rstrip('/')}{one.path}"
