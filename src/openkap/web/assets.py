"""What `npm run build` made: hashed file names and the drawings of icons."""

import json
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

BUILT = Path(__file__).resolve().parent / "static" / "built"
ICON_SOURCES = Path(__file__).resolve().parents[3] / "node_modules" / "@tabler" / "icons" / "icons" / "outline"


@lru_cache(maxsize=4)
def _read(path: Path, _changed: float) -> dict[str, str]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _contents(name: str) -> dict[str, str]:
    path = BUILT / name
    try:
        return _read(path, path.stat().st_mtime)
    except FileNotFoundError:
        return {}


def is_built() -> bool:
    """Whether the styles and islands were built; the system check openkap.web.E001 asks."""
    return (BUILT / "manifest.json").exists()


def built_url(name: str) -> str:
    """The address of a built file, such as 'app.css'."""
    return static(f"built/{_contents('manifest.json').get(name, name)}")


def built_text(name: str) -> str:
    """What stands in a built file, such as 'worker.js'; '' before anything was built."""
    path = BUILT / _contents("manifest.json").get(name, name)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def icon_drawing(name: str) -> str:
    """The inside of the icon's <svg>; empty when there is no such icon."""
    known = _contents("icons.json")
    return known[name] if name in known else _from_source(name)


@lru_cache(maxsize=256)
def _from_source(name: str) -> str:
    """An icon that is newer than the last build, where the npm packages are installed."""
    path = ICON_SOURCES / f"{name}.svg"
    if not name.replace("-", "").isalnum() or not path.exists():
        return ""
    svg = path.read_text(encoding="utf-8")
    return svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")].strip()
