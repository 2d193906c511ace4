// What is ready on this device without a line: the worker that keeps it, and the safety plan if its owner wants that.
import { FILES, filesIn, isOver, KEPT_HELP, KEPT_PLAN, PAGES, PLAN, UNTIL, VERSION } from "../lib/kept";
import { unsent } from "./sending";
import { written } from "./writing";

const WORKER = "/portal/worker.js";

function mayKeep(): boolean {
  return "caches" in globalThis && "serviceWorker" in navigator;
}

/** Everything of one's own goes from this device: on signing out, on leaving, and where nobody is signed in. */
export function forgetWhatIsKept(): void {
  unsent.clear();
  written.forget();
  if (mayKeep()) void caches.delete(PLAN).catch(() => undefined);
}

async function startWorker(help: string): Promise<void> {
  await navigator.serviceWorker.register(WORKER, { scope: "/portal/" });
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ help });
}

async function keptPlan(): Promise<Response | undefined> {
  const plan = await (await caches.open(PLAN)).match(KEPT_PLAN);
  return plan && !isOver(plan.headers.get(UNTIL), Date.now()) ? plan : undefined;
}

async function keepPlan(): Promise<boolean> {
  const answer = await fetch(KEPT_PLAN, { cache: "no-store" });
  if (!answer.ok || answer.redirected || !answer.headers.get(VERSION)) return false;
  const files = await caches.open(FILES);
  for (const address of filesIn(await answer.clone().text())) if (!(await files.match(address))) await files.add(address);
  await (await caches.open(PLAN)).put(KEPT_PLAN, answer);
  return true;
}

/** The kept plan follows the one in force; where there is none any more, or it is another's, it goes. */
async function followPlan(version: string): Promise<void> {
  const kept = await keptPlan();
  if (kept === undefined || kept.headers.get(VERSION) === version) return;
  if (version.split(".")[0] !== kept.headers.get(VERSION)?.split(".")[0]) await caches.delete(PLAN);
  else await keepPlan();
}

async function draw(): Promise<void> {
  const note = document.querySelector<HTMLElement>("[data-help-kept]");
  if (note) note.hidden = (await (await caches.open(PAGES)).match(KEPT_HELP)) === undefined;
  const kept = await keptPlan();
  for (const each of document.querySelectorAll<HTMLElement>("[data-plan-kept]")) {
    each.hidden = (kept !== undefined) !== (each.dataset["planKept"] === "yes");
  }
}

function startChoosing(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element | null;
    if (target?.closest("[data-keep-plan]")) {
      void keepPlan()
        .catch(() => false)
        .then((done) => {
          const trouble = document.querySelector<HTMLElement>("[data-keep-trouble]");
          if (trouble) trouble.hidden = done;
          return draw();
        });
    }
    if (target?.closest("[data-drop-plan]")) void caches.delete(PLAN).then(draw);
  });
}

/** A page that says there is no line looks again by itself, unless something was sent that did not arrive. */
function startWaiting(): void {
  const page = document.querySelector<HTMLElement>("[data-offline-page]");
  if (page?.dataset["sent"] === "no") addEventListener("online", () => location.reload());
}

export function startKept(): void {
  const frame = document.querySelector<HTMLElement>(".portal");
  if (!frame) return;
  if (frame.dataset["nobody"] !== undefined) forgetWhatIsKept();
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.getAttribute("action") === "/portal/sign-out/") forgetWhatIsKept();
  });
  startWaiting();
  if (!mayKeep()) return;
  startChoosing();
  const { keptHelp, keptPlan: plan } = frame.dataset;
  const follow = plan === undefined ? Promise.resolve() : followPlan(plan);
  void follow.then(draw).catch(() => undefined); // a device that keeps nothing shows nothing of it
  if (keptHelp) void startWorker(keptHelp).catch(() => undefined);
}
