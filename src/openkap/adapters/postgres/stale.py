"""Telling a server that still runs from the traces of one that is gone."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from openkap.adapters.postgres.errors import ServerTrouble

PID_FILE = "postmaster.pid"


def make_way(data: Path, *, seconds: float = 60) -> None:
    """Wait until no process of an earlier server works on `data`, then drop the note it left of its process id.

    After a crash that id may belong to somebody else's process, which PostgreSQL takes for a server still
    running. Nothing is ever signalled here: a process counts as a server of `data` only by working in that
    folder, as all of PostgreSQL's do. Raises `ServerTrouble` when they are still there after `seconds`.
    """
    if not (data / PID_FILE).exists() or sys.platform != "linux":
        return
    patience = time.monotonic() + seconds
    while remaining := list(processes_in(data)):
        if time.monotonic() > patience:
            raise ServerTrouble(
                f"Another PostgreSQL still works on {data} (process {remaining[0]}). "
                "Wait until it has stopped, or stop the OpenKAP it belongs to."
            )
        time.sleep(0.05)
    (data / PID_FILE).unlink(missing_ok=True)


def processes_in(folder: Path) -> Iterator[int]:
    """Ids of the processes whose working directory is `folder`, as far as this account may know."""
    wanted = folder.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                works_here = (entry / "cwd").readlink() == wanted
            except OSError:  # gone meanwhile, or another account's
                continue
            if works_here:
                yield int(entry.name)
