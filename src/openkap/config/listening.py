"""Taking the port, before anything else is started."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from openkap.errors import OpenkapError

BACKLOG = 1024


class PortTaken(OpenkapError):
    """Another program listens there, or this account may not."""

    code = "port-taken"


@contextmanager
def listen(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets that listen on every address of `host`; `port` 0 takes any free one. Raises `PortTaken`."""
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for family, address in _addresses(host, port):
            chosen = port or (sockets[0].getsockname()[1] if sockets else 0)
            if made := _bound(family, (address[0], chosen), first=not sockets):
                sockets.append(stack.enter_context(made))
        for made in sockets:
            made.listen(BACKLOG)
        yield sockets


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise PortTaken(f"There is no address of the name '{host}' on this machine.") from error
    # 127.0.0.1 first: every machine has it, not every one has ::1.
    ordered = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys((entry[0], (str(entry[4][0]), port)) for entry in ordered))


def _bound(family: socket.AddressFamily, address: tuple[str, int], *, first: bool) -> socket.socket | None:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRNOTAVAIL and not first:
            return None  # the name has an address that this machine does not
        raise PortTaken(_reason(error, address[1])) from error
    return made


def _reason(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use by another program. Choose another, for example: make run PORT={port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"This account may not listen on port {port}. Choose one above 1023."
    return f"Port {port} cannot be used: {error.strerror}."
