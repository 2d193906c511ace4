// Typing and tapping without sending anything is work, too: say so, at most once a minute, so that entry stays open.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";
import { paced } from "../lib/pace";

const A_MINUTE = 60_000;

export function startActivity(): void {
  if (!document.getElementById("unlock-dialog")) return; // nobody is signed in
  // The page itself was a request, so the first minute needs none.
  const due = paced(A_MINUTE, () => performance.now());
  due();
  const tell = (event: Event): void => {
    if (!event.isTrusted || (event.target as Element | null)?.closest?.("#unlock-dialog") || !due()) return;
    void fetch("/still-here/", {
      method: "POST",
      headers: { [CSRF_HEADER]: csrfToken(), Accept: "application/json" },
      redirect: "manual",
    }).catch(() => undefined); // the next entry finds out
  };
  for (const kind of ["input", "pointerdown", "keydown"]) document.addEventListener(kind, tell, { passive: true });
}
