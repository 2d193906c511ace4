"""The commands that mind the installation, run as a person or a script runs them."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
from tests.serving import OPENKAP
from tests.template import clone, drop, template


def run(*words: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "OPENKAP_HOME": str(home)}
    return subprocess.run(
        [OPENKAP, *words], env={**base, **environment}, capture_output=True, text=True, check=False
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_migrate_tells_scripts_what_it_did(tmp_path: Path) -> None:
    server = os.environ["OPENKAP_DATABASE_URL"]
    name = f"openkap_migrate_{os.getpid()}"
    address = clone(server, template(server), name)
    try:
        done = run("migrate", "--json", home=tmp_path, OPENKAP_DATABASE_URL=address)
    finally:
        drop(server, name)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"applied": []}


@pytest.mark.parametrize("command", ["migrate"])
def test_a_database_out_of_reach_is_told_in_a_sentence(command: str, tmp_path: Path) -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    done = run(command, home=tmp_path, OPENKAP_DATABASE_URL=address)
    assert done.returncode == 1
    assert done.stderr.startswith("openkap: The database cannot be reached")
    assert "Traceback" not in done.stderr


def test_health_of_nobody_is_told_in_a_sentence(tmp_path: Path) -> None:
    port = free_port()
    done = run("health", "--port", str(port), home=tmp_path)
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "eighty"])
def test_a_port_that_is_none_is_wrong_usage(port: str, tmp_path: Path) -> None:
    done = run("serve", f"--port={port}", home=tmp_path)
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_needs_no_database(tmp_path: Path) -> None:
    done = run("--help", home=tmp_path)
    assert done.returncode == 0
    assert "serve" in done.stdout
    assert list(tmp_path.iterdir()) == []
