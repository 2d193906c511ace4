"""`openkap staff`: sites and accounts from the command line, and help when nobody can sign in."""

import argparse
import json

from openkap.cli.database import connected


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the commands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    site = commands.add_parser("add-site", help="open a site")
    site.add_argument("name")
    site.add_argument("--time-zone", required=True, help="such as America/Los_Angeles")
    site.add_argument("--jurisdiction", required=True, help="such as US-CA")
    person = commands.add_parser("add", help="add an account with a role and print its set-up path")
    person.add_argument("email")
    person.add_argument("--name", required=True)
    person.add_argument("--role", required=True, help="such as administrator")
    person.add_argument("--site", required=True, help="its name")
    link = commands.add_parser("link", help="void someone's password and factors; print a new set-up path")
    link.add_argument("email")
    for command in (site, person, link):
        command.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Do it as the system: whoever may run commands on the server."""
    with connected():
        from openkap.apps.access import bootstrap  # noqa: PLC0415 (Django must be set up first)

        if options.command == "add-site":
            done = bootstrap.open_site(options.name, options.time_zone, options.jurisdiction)
        elif options.command == "add":
            done = bootstrap.add_person(options.email, options.name, options.role, options.site)
        else:
            done = bootstrap.new_link(options.email)
    print(json.dumps(done) if options.json else "\n".join(f"{name}: {value}" for name, value in done.items()))
    return 0
