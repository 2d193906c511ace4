// Entry is locked after idle time (423): ask who is here over the page, then send again what was refused.
// Plain forms need none of this: the server answers them with a page that carries what was typed.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";

let resume: (() => void) | null = null;

function dialog(): HTMLDialogElement | null {
  const found = document.getElementById("unlock-dialog");
  return found instanceof HTMLDialogElement ? found : null;
}

/** Opens the dialog; `then` runs once the person has shown who they are. For islands that use fetch, too. */
export function askToUnlock(then: () => void): void {
  resume = then;
  const shown = dialog();
  if (shown && !shown.open) shown.showModal();
}

async function messageOf(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as { message?: string }).message ?? "";
  } catch {
    return "";
  }
}

function complain(form: HTMLFormElement, words: string): void {
  const line = form.querySelector<HTMLElement>("[data-wrong]");
  const text = line?.querySelector("[data-text]");
  if (text) text.textContent = words || (document.body.dataset["failed"] ?? "");
  line?.removeAttribute("hidden");
  form.querySelector<HTMLInputElement>("input[type=password]")?.select();
}

async function unlock(form: HTMLFormElement): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { [CSRF_HEADER]: csrfToken(), Accept: "application/json" },
      redirect: "manual",
    });
  } catch {
    complain(form, document.body.dataset["offline"] ?? "");
    return;
  }
  if (!answer.ok) {
    complain(form, await messageOf(answer));
    return;
  }
  form.reset();
  form.querySelector("[data-wrong]")?.setAttribute("hidden", "");
  dialog()?.close();
  resume?.();
  resume = null;
}

/** What makes an htmx element send its request again. */
function resend(element: HTMLElement): void {
  if (element instanceof HTMLFormElement) element.requestSubmit();
  else element.dispatchEvent(new Event(element.matches("input, select, textarea") ? "change" : "click", { bubbles: true }));
}

export function startUnlock(): void {
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = (event as CustomEvent<{ xhr: XMLHttpRequest; elt: HTMLElement }>).detail;
    if (xhr.status === 423) askToUnlock(() => resend(elt));
  });
  // Islands dispatch 'openkap:locked' with a `resume` of their own (see docs/reference/interface.md).
  document.addEventListener("openkap:locked", (event) => {
    askToUnlock((event as CustomEvent<{ resume: () => void }>).detail.resume);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.id !== "unlock-form") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void unlock(form);
  }, { capture: true });
}
