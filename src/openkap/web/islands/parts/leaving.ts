// The quick way out: to a page that says nothing, in place of this one in the history; Escape twice does the same.
// The server locks entry meanwhile, so that going back shows nothing either.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";
import { twice } from "../lib/twice";
import { forgetWhatIsKept } from "./kept";

const WITHIN = 800; // milliseconds between two Escapes

function leave(link: HTMLAnchorElement): void {
  document.documentElement.dataset["leaving"] = "";
  forgetWhatIsKept();
  void fetch(link.href, { method: "POST", keepalive: true, headers: { [CSRF_HEADER]: csrfToken() } }).catch(() => undefined);
  location.replace(link.dataset["quickExit"] ?? link.href);
}

export function startLeaving(): void {
  const link = document.querySelector<HTMLAnchorElement>("a[data-quick-exit]");
  if (!link) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(link);
  });
  const again = twice(WITHIN, () => performance.now());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.repeat && again()) leave(link);
  });
  // Brought back from the browser's memory: ask the server whether this may be seen.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
