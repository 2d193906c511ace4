"""`openkap serve`: run the product."""

import argparse
import os
import signal

from openkap.adapters.children import binding
from openkap.config.family import Family, Plan
from openkap.config.home import home_directory


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--port", type=_port, default=8000, help="where to serve (default 8000)")
    parser.add_argument("--host", default="localhost", help="address to serve on (default: this machine only)")
    parser.add_argument(
        "--web-processes", type=_count, default=2, metavar="N", help="processes that answer pages (default 2)"
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="fill an empty database with the demonstration clinic, print its sign-ins",
    )
    parser.add_argument(
        "--leave-with-parent", action="store_true", help="end when the process that started this one ends"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until asked to end."""
    if options.leave_with_parent:
        binding(signal.SIGTERM, os.getppid())()
    plan = Plan(home_directory(), options.host, options.port, options.web_processes, options.demo)
    Family(plan).serve()
    return 0


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65_536:
        raise argparse.ArgumentTypeError("a port is a number from 0 (any free one) to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("from 1 to 64 processes")
    return number
