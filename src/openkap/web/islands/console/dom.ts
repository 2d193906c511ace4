// Building elements. Text is always text: nothing here reads markup.

type Child = Node | string | false | null | undefined;
type Attributes = Record<string, string | number | boolean | EventListener | null | undefined>;

const SVG = "http://www.w3.org/2000/svg";

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** An HTML element: h("button", { class: "btn", onclick: save }, "Save"). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag) as SVGElementTagNameMap[K], attributes, children);
}

let drawings: Record<string, string> = {};

/** Icon drawings by name, as path data; set once from the page. */
export function setIcons(icons: Record<string, string>): void {
  drawings = icons;
}

/** An icon, hidden from screen readers: its word stands beside it. The drawing comes from a <template> of the page. */
export function icon(name: string): Element {
  const source = document.getElementById(drawings[name] ?? `icon-${name}`);
  const found = source instanceof HTMLTemplateElement ? source.content.firstElementChild : null;
  return found ? (found.cloneNode(true) as Element) : h("span");
}

export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
}

const LONGEST_PRESS = 2000; // milliseconds: whoever holds longer sees the time go on again
let pressed: Element | null = null;
let pressedAt = 0;
const waiting = new Map<Element, Child[]>();

/** What is pressed stays where it is until it is let go: a button replaced meanwhile would hear no click. */
export function holdWhilePressed(): void {
  const hold = (event: Event): void => {
    pressed = event.target as Element;
    pressedAt = performance.now();
  };
  const release = (): void => {
    pressed = null;
    for (const [element, children] of [...waiting]) put(element, ...children);
  };
  const letGo = (): void => void setTimeout(release); // after the click that comes of it
  document.addEventListener("pointerdown", hold, true);
  document.addEventListener("keydown", (event) => event.key === " " && hold(event), true);
  for (const kind of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(kind, letGo, true);
}

/** Puts `children` in place of what the element held, keeping the focus on the control of the same data-key. */
export function put(element: Element, ...children: Child[]): void {
  if (pressed && element.contains(pressed) && performance.now() - pressedAt < LONGEST_PRESS) {
    waiting.set(element, children);
    return;
  }
  waiting.delete(element);
  const active = document.activeElement;
  const key = active && element.contains(active) ? active.getAttribute("data-key") : null;
  element.replaceChildren(...children.filter((c): c is Node | string => Boolean(c)));
  if (key) element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
