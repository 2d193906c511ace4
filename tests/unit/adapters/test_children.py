"""Children that cannot outlive their parent."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from openkap.adapters import children

PARENT = """
import signal, sys, time
from openkap.adapters import children
signal.signal(signal.SIGINT, signal.SIG_DFL)  # in the background of a shell it begins ignored, and is inherited
child = children.start([sys.executable, "-c", sys.argv[1]], on_parent_death=signal.Signals(int(sys.argv[2])))
print(child.pid, flush=True)
time.sleep(60)
"""
DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""
SLEEP = "import time; time.sleep(60)"


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_child_gets_its_signal_when_the_parent_is_killed(by: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, SLEEP, str(int(by))], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert psutil.wait_procs([child], timeout=60)[1] == []


def test_a_child_is_out_of_reach_of_the_terminals_signals() -> None:
    child = children.start([sys.executable, "-c", SLEEP])
    try:
        assert psutil.Process(child.pid).is_running()
        assert _session_of(child.pid) == child.pid
    finally:
        assert children.stop(child, by=signal.SIGTERM, seconds=60) == -signal.SIGTERM


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = (
        f"import signal, time, pathlib; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch()"
    )
    child = children.start([sys.executable, "-c", f"{deaf}; time.sleep(60)"])
    while not ready.exists():
        time.sleep(0.01)
    assert children.stop(child, by=signal.SIGTERM, seconds=0.2) == -signal.SIGKILL


def test_stopping_one_that_has_ended_tells_how_it_did() -> None:
    child = children.start([sys.executable, "-c", "raise SystemExit(3)"])
    child.wait()
    assert children.stop(child, by=signal.SIGTERM, seconds=1) == 3


def _session_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])
