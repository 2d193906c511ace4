"""Single marks of a timeline, also used in its legend."""

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.web.figures.course import TherapyMark, VisitKind, VisitMark
from openkap.web.figures.svg import element, number, text, title

KIND_WORDS: dict[VisitKind, Promise | str] = {
    VisitKind.ASSESSMENT: gettext_lazy("assessment"),
    VisitKind.PREPARATION: gettext_lazy("preparation"),
    VisitKind.DOSING: gettext_lazy("dosing"),
    VisitKind.INTEGRATION: gettext_lazy("integration"),
    VisitKind.CHECK_IN: gettext_lazy("check-in"),
}
HOURS_SHOWN_TO = 72  # later than this, days say it better


def _path(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z"


def shape(kind: VisitKind, x: float, y: float, *children: str, planned: bool = False) -> str:
    """The shape of a kind of visit around (x, y): square, triangle, diamond, circle; a ring for a dose."""
    css = "glyph planned" if planned else "glyph done"
    match kind:
        case VisitKind.ASSESSMENT:
            return element("rect", *children, x=x - 5, y=y - 5, width=10.0, height=10.0, rx=1.5, class_=css)
        case VisitKind.PREPARATION:
            return element(
                "path", *children, d=_path((x, y - 6), (x + 6.5, y + 5), (x - 6.5, y + 5)), class_=css
            )
        case VisitKind.INTEGRATION:
            corners = _path((x, y - 6.5), (x + 6.5, y), (x, y + 6.5), (x - 6.5, y))
            return element("path", *children, d=corners, class_=css)
        case VisitKind.CHECK_IN:
            return element("circle", *children, cx=x, cy=y, r=5.0, class_=css)
        case VisitKind.DOSING:
            return element(
                "circle", *children, cx=x, cy=y, r=5.5, class_="dose planned" if planned else "dose given"
            )


def visit(mark: VisitMark, x: float, y: float) -> str:
    """A visit's shape; what it is and when, for the pointer."""
    words = mark.label or str(KIND_WORDS[mark.kind])
    when = formats.date_format(mark.on, "MONTH_DAY_FORMAT")
    pattern = _("%(visit)s, planned, %(date)s") if mark.planned else _("%(visit)s, %(date)s")
    return shape(mark.kind, x, y, title(pattern % {"visit": words, "date": when}), planned=mark.planned)


def since(hours: float) -> str:
    """'25 h', or '4 d' where hours are no longer the measure."""
    if hours <= HOURS_SHOWN_TO:
        return _("%(n)s h") % {"n": round(hours)}
    return _("%(n)s d") % {"n": round(hours / 24)}


def therapy(mark: TherapyMark, x: float, top: float, half: float) -> str:
    """A chip with the method; under it the time since the dose."""
    css = "therapy planned" if mark.planned else "therapy done"
    when = title(f"{mark.method}, {formats.date_format(mark.on, 'MONTH_DAY_FORMAT')}")
    chip = element("rect", when, x=x - half, y=top, width=2 * half, height=17.0, rx=8.5, class_=css)
    words = text(mark.method, x, top + 12.3, class_="t-therapy", text_anchor="middle")
    if mark.hours_since_dose is None or mark.planned:
        return chip + words
    return (
        chip
        + words
        + text(since(mark.hours_since_dose), x, top + 28, class_="t-quiet halo", text_anchor="middle")
    )
