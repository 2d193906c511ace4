"""Writing SVG without inline styles: elements, attributes and text, escaped."""

from collections.abc import Iterable
from html import escape

Value = str | float | int | None


def number(value: float) -> str:
    """A coordinate to a tenth, without a needless tail: 12.0 -> '12'."""
    return f"{value:.1f}".removesuffix(".0")


def attribute(name: str, value: Value) -> str:
    """One attribute; `class_` is written 'class', `stroke_width` 'stroke-width'; None is left out."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else number(value)
    return f' {name.rstrip("_").replace("_", "-")}="{escape(text)}"'


def element(name: str, *children: str, **attributes: Value) -> str:
    """An element around `children`, which are markup already."""
    opening = name + "".join(attribute(key, value) for key, value in attributes.items())
    return f"<{opening}>{''.join(children)}</{name}>" if children else f"<{opening}/>"


def text(words: str, x: float, y: float, **attributes: Value) -> str:
    """A line of text with its baseline at `y`."""
    return element("text", escape(words), x=x, y=y, **attributes)


def title(words: str) -> str:
    """What a pointer shows over the element it stands in."""
    return element("title", escape(words))


def group(parts: Iterable[str], **attributes: Value) -> str:
    """A <g> of its parts; nothing at all when there are none."""
    inner = "".join(parts)
    return element("g", inner, **attributes) if inner else ""


def text_width(words: str, size: float = 11.0) -> float:
    """How wide Inter sets `words`, on the safe side: letters average 0.55 em of the size."""
    return len(words) * size * 0.56
