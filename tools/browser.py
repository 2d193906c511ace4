"""Finds the Chromium that journeys are run in; installs Debian's where that can be done without asking."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHOSEN_BY = "OPENKAP_CHROMIUM"


def chromium() -> str | None:
    """Path of the browser: the one named by OPENKAP_CHROMIUM, else the first that is installed."""
    if chosen := os.environ.get(CHOSEN_BY):
        return shutil.which(chosen)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's Chromium, when this is Debian or its like and we are root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium for the journeys ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--no-install-recommends", "-y", "chromium"]):
        subprocess.run(  # noqa: S603 (a fixed command)
            ["apt-get", "-qq", *words],  # noqa: S607 (found as everything of the system is)
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )


def main() -> int:
    """Exit code 0 when there is a browser."""
    if chromium() is None:
        install()
    if chromium() is None:
        remedy = f"Install one, or say where it is by {CHOSEN_BY}."
        print(f"The journeys need Chromium or Chrome. {remedy}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
