"""Taking the port."""

import socket

import pytest

from openkap.config.listening import PortTaken, listen


def test_any_free_port_is_found_and_the_same_for_every_address() -> None:
    with listen("localhost", 0) as sockets:
        ports = {each.getsockname()[1] for each in sockets}
        assert len(ports) == 1
        with socket.create_connection(("127.0.0.1", ports.pop()), timeout=5):
            pass


def test_the_port_is_free_again_afterwards() -> None:
    with listen("127.0.0.1", 0) as sockets:
        port = sockets[0].getsockname()[1]
    with listen("127.0.0.1", port):
        pass


def test_a_taken_port_is_told_with_a_way_out() -> None:
    with listen("127.0.0.1", 0) as sockets:
        port = sockets[0].getsockname()[1]
        with pytest.raises(PortTaken, match=f"PORT={port + 1}"), listen("127.0.0.1", port):
            pass


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(PortTaken, match="no address"), listen("nowhere.invalid", 0):
        pass


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(PortTaken, match="cannot be used"), listen("192.0.2.1", 0):  # RFC 5737
        pass
