"""A reader who has read enough, as `head` has, is no failure worth a traceback."""

import subprocess
import sys
from pathlib import Path

OPENKAP = Path(sys.executable).with_name("openkap")


def test_a_reader_who_leaves_gets_no_traceback() -> None:
    words = [OPENKAP, "plan", "compile", "ketamine-iv-twice-weekly", "--start", "2027-03-01"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert said == ""
    assert process.returncode == 1
