// One way to the server for answers that are kept as they are given, and what it said to them.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";
import type { Fields } from "../lib/draft-fields";
import { UnsentStore, type Unsent } from "../lib/unsent";

const AT_MOST = 20_000; // milliseconds until a request counts as lost

/** What a form that merges is told: every answer there is, and those another device gave otherwise. */
export interface Merged {
  there?: Record<string, string>;
  asked?: string[]; // questions that are put or may be
  open?: string[]; // of these, the ones an answer before them decides
  elsewhere?: Record<string, { value: string; words: string }>;
  refused?: Record<string, string>;
}

export type Sent =
  | { state: "kept"; told: Merged }
  | { state: "waiting"; locked: boolean } // no line, or the server is busy: again later
  | { state: "refused"; reason: string }; // again would help nobody

/** Only on patients' own pages: staff share their workstations, and nothing is left behind there. */
export function shelf(): Storage | null {
  try {
    return document.querySelector(".portal") ? sessionStorage : null;
  } catch {
    return null;
  }
}

export const unsent = new UnsentStore(shelf(), () => Date.now());

function bodyOf(fields: Fields, held: Fields, merges: boolean): string {
  return JSON.stringify(merges ? { fields, held } : fields);
}

async function told(answer: Response): Promise<Merged & { message?: string }> {
  try {
    return (await answer.json()) as Merged & { message?: string };
  } catch {
    return {};
  }
}

/** Sends answers; the same ones twice are kept once, because each says what a question's answer is. */
export async function send(one: Omit<Unsent, "order">, leaving: boolean): Promise<Sent> {
  let answer: Response;
  try {
    answer = await fetch(one.address, {
      method: "PUT",
      keepalive: leaving,
      redirect: "manual",
      signal: leaving ? null : AbortSignal.timeout(AT_MOST),
      headers: { [CSRF_HEADER]: csrfToken(), "Content-Type": "application/json", Accept: "application/json" },
      body: bodyOf(one.fields, one.held, one.merges),
    });
  } catch {
    return { state: "waiting", locked: false };
  }
  if (answer.ok) return { state: "kept", told: await told(answer) };
  if (answer.status === 423 || answer.status >= 500 || answer.status === 429) {
    return { state: "waiting", locked: answer.status === 423 };
  }
  return { state: "refused", reason: (await told(answer)).message ?? "" };
}
