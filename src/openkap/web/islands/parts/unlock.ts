// Entry is locked after idle time (423): ask who is here, then send again what was typed.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";

type Resume = () => void;
let resume: Resume | null = null;

function dialog(): HTMLDialogElement | null {
  const found = document.getElementById("unlock-dialog");
  return found instanceof HTMLDialogElement ? found : null;
}

/** Opens the dialog; `then` runs once the person has shown who they are. */
export function askToUnlock(then: Resume): void {
  resume = then;
  const shown = dialog();
  if (shown && !shown.open) shown.showModal();
}

async function unlock(form: HTMLFormElement): Promise<void> {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { [CSRF_HEADER]: csrfToken(), Accept: "application/json" },
    redirect: "manual",
  });
  const wrong = form.querySelector<HTMLElement>("[data-wrong]");
  if (answer.ok || answer.type === "opaqueredirect") {
    form.reset();
    wrong?.setAttribute("hidden", "");
    dialog()?.close();
    resume?.();
    resume = null;
    return;
  }
  wrong?.removeAttribute("hidden");
  form.querySelector<HTMLInputElement>("input[type=password]")?.focus();
}

/** Sends a page form by fetch first when it changes something, so that a 423 does not lose the page. */
async function sendGuarded(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const locked = await fetch("/unlock/", { headers: { Accept: "application/json" }, redirect: "manual" });
  const send = (): void => {
    form.dataset["unlocked"] = "";
    form.requestSubmit(submitter);
  };
  if (locked.status === 423) askToUnlock(send);
  else send();
}

export function startUnlock(): void {
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = (event as CustomEvent<{ xhr: XMLHttpRequest; elt: HTMLElement }>).detail;
    if (xhr.status === 423) askToUnlock(() => elt.dispatchEvent(new Event(elt.matches("form") ? "submit" : "click")));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (form.id === "unlock-form") {
      event.preventDefault();
      void unlock(form);
      return;
    }
  });
}
export { sendGuarded };
