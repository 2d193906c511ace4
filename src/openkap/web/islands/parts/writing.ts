// The journal is not lost with its page: what is typed stays in this tab until it was kept.
import { fieldsOf, restore } from "../lib/draft-fields";
import { WrittenStore } from "../lib/written";
import { shelf } from "./sending";

export const written = new WrittenStore(shelf());

function isBlank(form: HTMLFormElement): boolean {
  return [...form.querySelectorAll("textarea")].every((each) => each.value.trim() === "");
}

export function startWriting(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-written]");
  if (!form) return;
  const last = form.dataset["written"] ?? "";
  const waiting = written.waiting(last);
  // What the server gave back with an error is what was typed last.
  if (waiting && isBlank(form) && restore(form, waiting) && !isBlank(form)) {
    form.querySelector("[data-written-note]")?.removeAttribute("hidden");
  }
  const keep = (sent: boolean): void => (isBlank(form) ? written.forget() : written.keep(fieldsOf(form), last, sent));
  form.addEventListener("input", () => keep(false));
  form.addEventListener("change", () => keep(false));
  form.addEventListener("submit", () => keep(true));
}
