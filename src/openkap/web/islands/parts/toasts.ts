// Short messages at the foot of the page, read out by screen readers.
export type Tone = "ok" | "wait" | "bad";

/** Shows `text` as a toast; copies the server's own markup from <template id="toast-TONE">. */
export function toast(text: string, tone: Tone = "ok"): void {
  const region = document.getElementById("toasts");
  const template = document.getElementById(`toast-${tone}`);
  if (!text || !region || !(template instanceof HTMLTemplateElement)) return;
  const item = template.content.firstElementChild?.cloneNode(true);
  if (!(item instanceof HTMLElement)) return;
  const words = item.querySelector("[data-text]");
  if (words) words.textContent = text;
  region.append(item);
}

/** Closes by its button; those that need no action leave by themselves. */
export function startToasts(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element | null)?.closest("[data-close-toast]");
    button?.closest(".toast-item")?.remove();
  });
}
