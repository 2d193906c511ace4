"""A predicted band as SVG: drawn within its edges, dashed, without a point, escaped."""

import re
from xml.etree import ElementTree as ET

import pytest

from openkap.web.figures.exposure import NARROW, WIDE, BandPlot, DoseBar, exposure, minute_step, scale_top


def a_plot(**more: object) -> BandPlot:
    given: dict[str, object] = {
        "heading": "Predicted",
        "lines": ("ketamine in venous plasma, predicted", "Otto 2021"),
        "unit": "ng/mL",
        "times": (0.0, 40.0, 120.0, 240.0),
        "low": (0.0, 120.0, 40.0, 20.0),
        "high": (0.0, 218.0, 80.0, 45.0),
        "middle": (0.0, 167.0, 59.0, 30.0),
    }
    return BandPlot(**given | more)  # type: ignore[arg-type]


def parts(svg: str, css_class: str) -> list[ET.Element]:
    return [e for e in ET.fromstring(svg).iter() if css_class in (e.get("class") or "").split()]


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path)]


def test_it_is_a_band_and_a_dashed_line_and_never_a_point() -> None:
    svg = exposure(a_plot())
    assert len(parts(svg, "predicted-band")) == 1
    assert len(parts(svg, "predicted")) == 1
    assert "circle" not in svg
    assert "measured" not in svg
    assert ET.fromstring(svg).get("aria-label") == "Predicted"


def test_without_a_typical_line_there_is_only_the_band() -> None:
    svg = exposure(a_plot(middle=None))
    assert parts(svg, "predicted") == []
    assert len(parts(svg, "predicted-band")) == 1


def test_the_line_lies_inside_its_band() -> None:
    svg = exposure(a_plot())
    band = places(parts(svg, "predicted-band")[0].get("d") or "")
    line = places(parts(svg, "predicted")[0].get("d") or "")
    upper, lower = band[:4], band[4:][::-1]
    for (x, y), (_, over), (_, under) in zip(line, upper, lower, strict=True):
        assert over <= y <= under  # downwards
        assert 0 <= x <= WIDE


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_everything_stays_inside_the_picture(width: float) -> None:
    doses = (DoseBar(0, 40, "35 mg"), DoseBar(60, 60, "10 mg"), DoseBar(239, 239, "a long word beside it"))
    root = ET.fromstring(exposure(a_plot(width=width, doses=doses, level=60.0)))
    _, _, wide, high = map(float, (root.get("viewBox") or "").split())
    assert wide == width
    for element in root.iter():
        for name, most in (("x", wide), ("x1", wide), ("x2", wide), ("y", high), ("y1", high), ("y2", high)):
            value = element.get(name)
            assert value is None or -0.1 <= float(value) <= most


def test_an_infusion_is_a_bar_and_a_push_a_triangle() -> None:
    svg = exposure(a_plot(doses=(DoseBar(0, 40, "35 mg"), DoseBar(60, 60, "10 mg"))))
    drawn = parts(svg, "planned")
    assert [element.tag for element in drawn] == ["rect", "path"]
    assert [words.text for words in parts(svg, "t-dose")] == ["35 mg", "10 mg"]


def test_words_that_would_run_together_are_left_to_the_pointer() -> None:
    near = tuple(DoseBar(at, at, f"{at} mg esketamine") for at in (0.0, 5.0, 10.0))
    svg = exposure(a_plot(doses=near))
    assert len(parts(svg, "t-dose")) == 1
    assert svg.count("<title>") == 3


def test_text_is_escaped() -> None:
    svg = exposure(a_plot(lines=("<b>&", "x"), doses=(DoseBar(0, 40, '"<i>'),), heading='a "b" <c>'))
    assert "<b>" not in svg
    assert "<i>" not in svg
    assert ET.fromstring(svg).get("aria-label") == 'a "b" <c>'


@pytest.mark.parametrize(
    ("most", "top"), [(218.0, 300.0), (0.4, 0.4), (99.0, 100.0), (101.0, 150.0), (1.0, 1.0)]
)
def test_the_scale_ends_round_and_holds_everything(most: float, top: float) -> None:
    plot = a_plot(high=(0.0, most, most / 2, most / 3))
    assert scale_top(plot) >= most
    assert scale_top(plot) == pytest.approx(top)


def test_two_plots_share_the_greater_scale_and_a_level_counts() -> None:
    small, great = a_plot(), a_plot(high=(0.0, 500.0, 80.0, 45.0))
    assert scale_top(small, great) == scale_top(great)
    assert scale_top(a_plot(level=900.0)) >= 900


@pytest.mark.parametrize(("until", "step"), [(60, 10), (120, 15), (240, 30), (480, 60), (1440, 180)])
def test_there_are_never_more_than_nine_ticks(until: float, step: int) -> None:
    assert minute_step(until) == step
    assert until / step <= 8


def test_the_words_of_a_dose_never_run_into_the_mark_of_the_next() -> None:
    near = parts(exposure(a_plot(doses=(DoseBar(0, 40, "27.4 mg"), DoseBar(46, 46, "10 mg")))), "t-dose")
    apart = parts(exposure(a_plot(doses=(DoseBar(0, 40, "27.4 mg"), DoseBar(120, 120, "10 mg")))), "t-dose")
    assert [e.text for e in near] == ["10 mg"]
    assert [e.text for e in apart] == ["27.4 mg", "10 mg"]
