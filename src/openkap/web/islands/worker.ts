// The service worker of patients' pages. It keeps what lib/kept.ts names and answers nothing else from the device:
// every other page comes from the server or not at all.
import { asNotSent, CACHES, endsKeeping, FILES, filesIn, FOR, insteadOf, isOver, KEPT_HELP, KEPT_OFFLINE, KEPT_PLAN, PAGES, PLAN, replaces, UNTIL, VERSION } from "./lib/kept";

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Waiting {
  request: Request;
  preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}
interface Told extends Waiting {
  data: { help?: string };
}
interface Scope {
  location: Location;
  clients: { claim(): Promise<void> };
  registration: { navigationPreload?: { enable(): Promise<void> } };
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", then: (event: Waiting) => void): void;
  addEventListener(kind: "fetch", then: (event: Fetching) => void): void;
  addEventListener(kind: "message", then: (event: Told) => void): void;
}

const scope = self as unknown as Scope;
const PATIENCE = 4000; // milliseconds that who needs help waits for the line

scope.addEventListener("install", (event) => {
  event.waitUntil(keepPages().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(begin());
});

scope.addEventListener("message", (event) => {
  event.waitUntil(keepIfChanged(event.data.help ?? ""));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== scope.location.origin) return;
  if (endsKeeping(pathname)) event.waitUntil(caches.delete(PLAN));
  if (request.mode === "navigate") event.respondWith(page(event, pathname));
  else if (request.method === "GET" && pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function begin(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("openkap-") && !CACHES.includes(name)).map((name) => caches.delete(name)));
  await scope.registration.navigationPreload?.enable();
  await scope.clients.claim();
}

async function keepIfChanged(version: string): Promise<void> {
  const kept = await (await caches.open(PAGES)).match(KEPT_HELP);
  if (version && kept?.headers.get(VERSION) !== version) await keepPages();
}

/** The two pages without a name on them, with the files that they need, and no file that no page needs. */
async function keepPages(): Promise<void> {
  const pages = await caches.open(PAGES);
  for (const address of [KEPT_OFFLINE, KEPT_HELP]) {
    const fetched = await fetch(address, { cache: "no-store" });
    if (!fetched.ok || fetched.redirected) throw new Error("could not be kept");
    const kept = await pages.match(address);
    const from = (answer: Response): { from: string | null } => ({ from: answer.headers.get(FOR) });
    if (replaces(from(fetched), kept ? from(kept) : null)) await pages.put(address, fetched);
  }
  await keepFiles();
}

async function keepFiles(): Promise<void> {
  const files = await caches.open(FILES);
  const needed = new Set<string>();
  for (const name of [PAGES, PLAN]) {
    const held = await caches.open(name);
    for (const key of await held.keys()) {
      for (const address of filesIn((await (await held.match(key))?.text()) ?? "")) needed.add(address);
    }
  }
  for (const key of await files.keys()) if (!needed.has(new URL(key.url).pathname)) await files.delete(key);
  for (const address of needed) if (!(await files.match(address))) await files.add(address);
}

async function file(request: Request): Promise<Response> {
  return (await (await caches.open(FILES)).match(request)) ?? fetch(request);
}

async function page(event: Fetching, path: string): Promise<Response> {
  const instead = event.request.method === "GET" ? insteadOf(path) : null;
  const asked = (async () => (await event.preloadResponse) ?? fetch(event.request))();
  if (instead !== null) {
    const first = await Promise.race([asked.catch(() => null), later(PATIENCE)]);
    return first ?? (await heldPage(instead)) ?? asked.catch(() => withoutLine(false));
  }
  return asked.catch(() => withoutLine(event.request.method !== "GET"));
}

function later(wait: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), wait));
}

async function heldPage(address: string): Promise<Response | undefined> {
  if (address !== KEPT_PLAN) return (await caches.open(PAGES)).match(address);
  const plan = await (await caches.open(PLAN)).match(address);
  if (plan === undefined) return undefined;
  if (!isOver(plan.headers.get(UNTIL), Date.now())) return plan;
  await caches.delete(PLAN);
  return undefined;
}

async function withoutLine(wasSent: boolean): Promise<Response> {
  const kept = await heldPage(KEPT_OFFLINE);
  if (kept === undefined) return Response.error();
  return wasSent ? new Response(asNotSent(await kept.text()), { headers: kept.headers }) : kept;
}
