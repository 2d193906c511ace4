"""Starting processes that cannot outlive the one that started them."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
HAS_PARENT_DEATH_SIGNAL = sys.platform == "linux"


@dataclass(frozen=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


def binding(on_parent_death: signal.Signals, parent: int) -> Callable[[], None]:
    """What a process calls to be sent `on_parent_death` by the kernel when `parent`, its parent, ends.

    The call does nothing where the kernel offers no such thing (docs/adr); it ends the process at once when the
    parent has gone already.
    """
    # Looked up here, because the call is made between fork and exec, where little is safe.
    prctl = ctypes.CDLL(None, use_errno=True).prctl if HAS_PARENT_DEATH_SIGNAL else None

    def bind() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(on_parent_death), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return bind


def start(
    command: Sequence[str | Path],
    *,
    on_parent_death: signal.Signals = signal.SIGKILL,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    output: IO[bytes] | None = None,
    directory: Path | None = None,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches only its parent.

    The kernel sends it `on_parent_death` when the calling thread ends: call this from the main thread.
    `account` is whom it runs as, `keep_open` are file descriptors it inherits. Raises `OSError`.
    """
    # The hook runs after the change of account, which would clear the parent-death signal.
    return subprocess.Popen(  # noqa: S603 (our own commands, never a shell)
        [str(word) for word in command],
        env=None if environment is None else dict(environment),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=directory,
        pass_fds=keep_open,
        start_new_session=True,
        preexec_fn=binding(on_parent_death, os.getpid()),  # noqa: PLW1509 (two system calls, no locks taken)
    )


def stop(child: subprocess.Popen[bytes], *, by: signal.Signals, seconds: float) -> int:
    """Ask a child to end by a signal, and kill it when it has not after `seconds`. Returns its exit code."""
    if child.poll() is None:
        child.send_signal(by)
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
