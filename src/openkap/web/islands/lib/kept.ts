// What is ready without a line: two pages without a name on them, and the safety plan where its owner said yes.
export const PAGES = "openkap-pages-1";
export const FILES = "openkap-files-1";
export const PLAN = "openkap-plan-1";
export const CACHES = [PAGES, FILES, PLAN];

export const KEPT_HELP = "/portal/kept/help/";
export const KEPT_OFFLINE = "/portal/kept/offline/";
export const KEPT_PLAN = "/portal/kept/plan/";

export const VERSION = "X-Kept-Version"; // changes with what the page says
export const UNTIL = "X-Kept-Until"; // when the sign-in ends, and with it what was kept for it
export const FOR = "X-Kept-For"; // 'site': holds a clinic's own numbers; 'anyone': only the general ones

const INSTEAD: Record<string, string> = { "/portal/help/": KEPT_HELP, "/portal/safety-plan/": KEPT_PLAN };
const ENDS = new Set(["/portal/leave/", "/portal/sign-out/"]);

/** The kept page that stands in for an address, beside the one that says there is no line. */
export function insteadOf(path: string): string | null {
  return Object.hasOwn(INSTEAD, path) ? (INSTEAD[path] ?? null) : null;
}

/** Whether a request to this address ends what was kept for its owner. */
export function endsKeeping(path: string): boolean {
  return ENDS.has(path);
}

/** The addresses of our own files in a page: what it needs to look as it should. */
export function filesIn(html: string): string[] {
  const found = [...html.matchAll(/(?:href|src)="(\/static\/[^"?#]+)"/g)].map((match) => match[1] ?? "");
  return [...new Set(found)];
}

/** Whether what was kept until then is over; without a time, or with one that is none, it is. */
export function isOver(until: string | null, now: number): boolean {
  const at = until === null ? Number.NaN : Date.parse(until);
  return Number.isNaN(at) || at <= now;
}

/** Whether a page that was fetched takes the place of the one kept before. */
export function replaces(fetched: { from: string | null }, kept: { from: string | null } | null): boolean {
  // Somebody who is signed out gets no numbers of a clinic; those that are kept are worth more in need.
  return kept === null || fetched.from !== "anyone" || kept.from !== "site";
}

/** The offline page for something that was sent and did not arrive. */
export function asNotSent(html: string): string {
  return html.replace('data-sent="no"', 'data-sent="yes"');
}
