// The pad under a signature: pointer events become a path; the form's hidden field carries it.
import { drawnOn, placeIn } from "../lib/pen";

export function startPen(form: HTMLFormElement): void {
  const pad = form.querySelector<HTMLElement>("[data-pen]");
  const svg = pad?.querySelector("svg");
  const line = svg?.querySelector("path");
  const field = form.querySelector<HTMLInputElement>("input[name=drawn]");
  if (!pad || !svg || !line || !field) return;
  const show = (path: string) => {
    field.value = path;
    line.setAttribute("d", path);
  };
  const add = (event: PointerEvent, begins: boolean) =>
    show(drawnOn(field.value, begins, placeIn(svg.getBoundingClientRect(), event.clientX, event.clientY)));
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    add(event, true);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) add(event, false);
  });
  pad.querySelector("[data-clear]")?.addEventListener("click", () => show(""));
  pad.hidden = false;
}
