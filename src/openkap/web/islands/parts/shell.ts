// The frame of a page: theme switch, printing, dialogs opened by buttons, toasts.
import { applied, choiceOf, cookieFor } from "../lib/theme";
import { startToasts } from "./toasts";

function chooseTheme(value: string | undefined): void {
  const choice = choiceOf(value);
  const root = document.documentElement;
  const theme = applied(choice, matchMedia("(prefers-color-scheme: dark)").matches);
  document.cookie = cookieFor(choice, location.protocol === "https:");
  root.dataset["themeChoice"] = choice;
  root.dataset["bsTheme"] = theme;
  root.dataset["theme"] = theme;
  for (const button of document.querySelectorAll<HTMLElement>("[data-choose-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset["chooseTheme"] === choice));
  }
}

/** `data-open-dialog="id"` opens the <dialog>; `data-close-dialog` closes the one around it. */
function dialogs(target: Element): void {
  const opener = target.closest<HTMLElement>("[data-open-dialog]");
  const dialog = opener && document.getElementById(opener.dataset["openDialog"] ?? "");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
  if (target.closest("[data-close-dialog]")) target.closest("dialog")?.close();
}

/** `data-show="id"` inside [data-views] shows that view and hides its siblings (picture or table). */
function views(target: Element): void {
  const button = target.closest<HTMLElement>("[data-show]");
  const group = button?.closest("[data-views]");
  if (!button || !group) return;
  for (const other of group.querySelectorAll<HTMLElement>("[data-show]")) {
    const shown = other === button;
    other.setAttribute("aria-pressed", String(shown));
    document.getElementById(other.dataset["show"] ?? "")?.toggleAttribute("hidden", !shown);
  }
}

/** On narrow screens the navigation is a drawer under the bar. */
function drawer(target: Element): void {
  const button = target.closest<HTMLElement>("[data-toggle='drawer']");
  const menu = button && document.getElementById(button.getAttribute("aria-controls") ?? "");
  if (!button || !menu) return;
  const open = menu.toggleAttribute("data-open");
  button.setAttribute("aria-expanded", String(open));
}

export function startShell(): void {
  startToasts();
  document.addEventListener("click", (event) => {
    const target = event.target as Element | null;
    if (!target) return;
    const theme = target.closest<HTMLElement>("[data-choose-theme]");
    if (theme) chooseTheme(theme.dataset["chooseTheme"]);
    if (target.closest("[data-print]")) print();
    dialogs(target);
    drawer(target);
    views(target);
  });
  document.addEventListener("change", (event) => {
    const field = (event.target as Element | null)?.closest<HTMLElement>("[data-submit-on-change]");
    if (field) field.closest("form")?.requestSubmit();
  });
}
