"""The course of one measure on the shared axis: severity bands, the line that was measured, reliable change."""

from html import escape
from itertools import pairwise

from django.utils import formats
from django.utils.translation import gettext as _

from openkap.web.figures.axis import Axis
from openkap.web.figures.course import ScorePanel, ScorePoint
from openkap.web.figures.svg import element, group, number, text, text_width, title

PANEL_GAP = 12.0
FALLBACK_HEIGHT = 96.0
ROW_HEIGHT = 18.0  # of what has no total: when it was answered, and no scale
ONCE_HEIGHT = 40.0  # of one score alone that no band says anything about
LABEL_ROOM = 20.0  # between two numbers over points
BAND_ROOM = 102.0  # beyond the axis, for the name of a band
WORDS_ROOM = 14.0  # between two lines of words
SHADES = 5  # classes shade-0 (least) to shade-4 in figures.css


def panel_height(panel: ScorePanel) -> float:
    """Taller for the wider scale, within reason, unless the panel says how tall it is."""
    if panel.height is not None:
        return panel.height
    if not panel.has_total:
        return ROW_HEIGHT
    if len(panel.points) == 1 and not panel.bands:
        return ONCE_HEIGHT
    return min(max(FALLBACK_HEIGHT, (panel.high - panel.low) * 5.2), 146.0)


def draw_panel(panel: ScorePanel, axis: Axis, top: float) -> str:
    """The panel with its upper edge at `top`."""
    return Panel(panel, axis, top).draw()


class Panel:
    """One panel being drawn; `y` places a total."""

    def __init__(self, panel: ScorePanel, axis: Axis, top: float) -> None:
        self.panel, self.axis, self.top = panel, axis, top
        self.height = panel_height(panel)
        self.scored = [point for point in panel.points if point.total is not None]

    def y(self, total: float) -> float:
        """Where `total` lies; the highest total at the top."""
        span = max(self.panel.high - self.panel.low, 1)
        return self.top + self.height * (1 - (total - self.panel.low) / span)

    def draw(self) -> str:
        parts = [
            group(self._bands()), self._names(), self._reliable(), group(self._thresholds()),
            self._line(), group(self._points()), group(self._labels()), self._due(), self._note(),
        ]  # fmt: skip
        return group(parts, class_="panel")

    def _bands(self) -> list[str]:
        """Severity, from least to most: a band reaches from half a point under its lowest total to the next."""
        drawn = []
        for index, band in enumerate(self.panel.bands):
            upper = self.top if band.high >= self.panel.high else self.y(band.high + 0.5)
            lower = self.top + self.height if band.low <= self.panel.low else self.y(band.low - 0.5)
            shade = round(index * (SHADES - 1) / max(len(self.panel.bands) - 1, 1))
            drawn += [
                element(
                    "rect", x=self.axis.left, y=upper, width=self.axis.right - self.axis.left,
                    height=lower - upper, class_=f"shade-{shade}",
                ),
                self._band_name(band.label, (upper + lower) / 2),
            ]  # fmt: skip
        return drawn

    def _band_name(self, label: str, middle: float) -> str:
        """Beside its band; in two lines where one would leave the figure."""
        x = self.axis.right + 6
        first, _space, last = label.rpartition(" ")
        if not first or text_width(label, 10.5) <= BAND_ROOM:
            return text(label, x, middle + 3.5, class_="t-quiet")
        return text(first, x, middle - 2, class_="t-quiet") + text(last, x, middle + 9, class_="t-quiet")

    def _names(self) -> str:
        edge = self.axis.left - 6
        if not self.panel.has_total:
            return self._name()
        return "".join(
            (
                self._name(),
                text(str(self.panel.high), edge, self.top + 8, class_="t-quiet", text_anchor="end"),
                text(str(self.panel.low), edge, self.top + self.height, class_="t-quiet", text_anchor="end"),
            )
        )

    def _name(self) -> str:
        """The abbreviation; once, the whole name under it where it fits, and for the pointer where not."""
        about, room = self.panel.about, self.axis.left - 6
        if about == self.panel.name:
            return text(about, 0, self.top + 10, class_="t-strong")
        name = element("text", escape(self.panel.name), title(about), x=0.0, y=self.top + 10, class_="t-strong")
        fits = self.panel.has_total and text_width(about, 10.5) <= room
        return name + (text(about, 0, self.top + 24, class_="t-quiet") if fits else "")

    def _reliable(self) -> str:
        """The total from which a change since baseline is more than the measure's own error."""
        base, change = self.panel.baseline, self.panel.reliable_change
        if base is None or base.total is None or change is None:
            return ""
        threshold = base.total - change if self.panel.lower_is_better else base.total + change
        if not self.panel.low <= threshold <= self.panel.high:
            return ""
        y, start = self.y(threshold), self.axis.at(base.on)
        words = _("reliable change, %(n)s points") % {"n": number(change)}
        line = element("line", x1=start, x2=self.axis.right, y1=y, y2=y, class_="reliable")
        if start - self.axis.left > text_width(words, 10.5) + 8:
            return line + text(words, start - 6, y + 4, class_="t-reliable halo", text_anchor="end")
        return line + text(words, self.axis.right - 6, y - 4, class_="t-reliable halo", text_anchor="end")

    def _thresholds(self) -> list[str]:
        """Lines across with their words at the right; words that would lie on each other move apart."""
        shown = [one for one in self.panel.thresholds if self.panel.low <= one.total <= self.panel.high]
        drawn, free = [], self.top
        for one in sorted(shown, key=lambda one: -one.total):
            y = self.y(one.total)
            words_y = max(y - 4, free + WORDS_ROOM)
            free = words_y
            line = {"x1": self.axis.left, "x2": self.axis.right, "y1": y, "y2": y}
            drawn.append(element("line", **line, class_=f"threshold {one.kind}"))
            side = {"text_anchor": "end", "class_": f"t-threshold t-{one.kind} halo"}
            drawn.append(text(one.label, self.axis.right - 6, words_y, **side))
        return drawn

    def _line(self) -> str:
        """Straight between neighbouring totals; broken where one could not be scored."""
        lines = []
        for before, after in pairwise(self.panel.points):
            if before.total is not None and after.total is not None:
                lines.append(
                    f"M{number(self.axis.at(before.on))} {number(self.y(before.total))}"
                    f"L{number(self.axis.at(after.on))} {number(self.y(after.total))}"
                )
        return element("path", d="".join(lines), class_="measured") if lines else ""

    def _points(self) -> list[str]:
        return [self._point(point) for point in self.panel.points]

    def _point(self, point: ScorePoint) -> str:
        x = self.axis.at(point.on)
        when = formats.date_format(point.on, "MONTH_DAY_FORMAT")
        if point.total is None:
            y = self.top + self.height - 9
            why = title(_("%(date)s: no total. %(why)s") % {"date": when, "why": point.why})
            ring = element("circle", why, cx=x, cy=y, r=7.0, class_="not-scored")
            if not self.panel.has_total:
                return ring
            return ring + text("?", x, y + 4, class_="t-strong", text_anchor="middle")
        words = title(f"{when}: {point.total}")
        return element("circle", words, cx=x, cy=self.y(point.total), r=4.0, class_="measured-point")

    def _labels(self) -> list[str]:
        """Numbers over points; where they would run together, the first, the last and every one with room."""
        drawn: list[str] = []
        last_x = self.axis.right * 2
        for point in reversed(self.scored):
            x = self.axis.at(point.on)
            if last_x - x < LABEL_ROOM or point.total is None:
                continue
            last_x = x
            drawn.append(self._label(point, x, point.total))
        return drawn

    def _label(self, point: ScorePoint, x: float, total: float) -> str:
        high = self.y(total) - self.top < 18
        y = self.y(total) + (17 if high else -9)
        shown = text(str(total), x, y, class_="t-strong halo", text_anchor="middle")
        if self.panel.baseline is None or point != self.panel.baseline:
            return shown
        return shown + text(_("baseline"), x + text_width(str(total), 12) / 2 + 5, y, class_="t-quiet halo")

    def _due(self) -> str:
        if self.panel.due is None:
            return ""
        height = self.y(self.scored[-1].total or 0) if self.scored else self.top + self.height / 2
        x = self.axis.at(self.panel.due)
        ring = element("circle", cx=x, cy=height, r=6.5, class_="point-due")
        return ring + text(_("due"), x + 11, height - 5, class_="t-due halo")

    def _note(self) -> str:
        """What the latest total means, beside it."""
        if not self.scored or not self.panel.note:
            return ""
        latest = self.scored[-1]
        x, y = self.axis.at(latest.on), self.y(latest.total or 0)
        fits = x + text_width(self.panel.note, 11.5) + 14 < self.axis.right
        below = y + 24 if y + 28 < self.top + self.height else y - 24
        side = {} if fits else {"text_anchor": "end"}
        return text(self.panel.note, x + 12 if fits else x - 12, below, class_="t-reliable halo", **side)
