"""All benchmarks, one after the other, or those that are named: `python -m benchmarks [starting ...]`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(asked: list[str]) -> int:
    """Run them; exit code 1 when one fails."""
    known = sorted(path.parent.name for path in HERE.glob("*/__main__.py"))
    if unknown := set(asked) - set(known):
        print(
            f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.", file=sys.stderr
        )
        return 2
    failed = False
    for name in asked or known:
        print(f"== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
