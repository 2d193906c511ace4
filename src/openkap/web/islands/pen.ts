// A signature drawn with finger, pen or mouse: a path in whole units, sent as text. The page signs without it too.
import { startPen } from "./parts/pen";

document.querySelectorAll<HTMLFormElement>("form[data-consent-sign]").forEach(startPen);
