// Answers are saved as they are given: every field of a form with data-keep="address" goes there by itself.
// What could not be sent waits in this tab, is said to wait, and goes when the line is back: in order, one at a time.
import { changedFields, fieldsOf, restore, type Fields } from "../lib/draft-fields";
import { send, unsent, type Merged, type Sent } from "./sending";
import { askToUnlock } from "./unlock";

const AFTER_LAST_KEY = 600; // milliseconds
const TRY_AGAIN = 4000;
const BEFORE_SAYING_SO = 700; // a line that is fast enough needs no word about waiting
const WAITED = 5000; // what was left this long ago may have worried somebody: they read that it is saved

export type State = "kept" | "waiting" | "refused";

export class Kept {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private slow: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private refused: Fields = {}; // what the server would not take: sent again only once it was changed
  private held: Fields; // as the server has it, as far as this page knows
  private readonly address: string;
  private readonly merges: boolean;
  private waiters: ((state: State) => void)[] = [];

  constructor(readonly form: HTMLFormElement) {
    this.address = form.dataset["keep"] ?? "";
    this.merges = form.dataset["merges"] !== undefined;
    this.held = fieldsOf(form);
    this.bringBack();
    form.addEventListener("input", () => this.soon(AFTER_LAST_KEY));
    form.addEventListener("change", () => this.soon(0));
    addEventListener("pagehide", () => void this.save(true));
    addEventListener("online", () => this.soon(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.look();
    });
  }

  /** Resolves once everything given is with the server, or cannot be brought there now. */
  async settled(): Promise<State> {
    if (Object.keys(this.changed()).length === 0) return Object.keys(this.refused).length ? "refused" : "kept";
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.soon(0);
    });
  }

  /** What this tab still holds from before it was loaded anew. */
  private bringBack(): void {
    const waiting = unsent.of(this.address);
    if (!waiting) return;
    restore(this.form, waiting.fields);
    this.held = { ...this.held, ...(this.merges ? waiting.held : {}) };
    this.say("waiting");
    this.soon(0);
  }

  /** Another device may have gone on meanwhile. */
  private look(): void {
    if (this.merges && !this.busy) void this.save(false, true);
  }

  private changed(): Fields {
    const changed = changedFields(this.held, fieldsOf(this.form));
    return changedFields(this.refused, changed);
  }

  private soon(wait: number): void {
    clearTimeout(this.timer);
    unsent.keep(this.address, fieldsOf(this.form), this.held, this.merges);
    this.timer = setTimeout(() => void this.save(false), wait);
  }

  /** One at a time, so that a slow answer never overtakes a later one; only what changed, for other devices' sake. */
  private async save(leaving: boolean, evenNothing = false): Promise<void> {
    clearTimeout(this.timer);
    const fields = this.changed();
    const nothing = Object.keys(fields).length === 0;
    if ((nothing && !evenNothing) || (this.busy && !leaving)) return;
    this.busy = true;
    if (!nothing) this.slow ??= setTimeout(() => this.say("waiting"), BEFORE_SAYING_SO);
    const before = Object.fromEntries(Object.keys(fields).map((name) => [name, this.held[name] ?? []]));
    const sent = await send({ address: this.address, fields, held: before, merges: this.merges }, leaving);
    this.busy = false;
    if (!leaving) this.after(sent, fields, nothing);
  }

  private after(sent: Sent, fields: Fields, wasNothing: boolean): void {
    clearTimeout(this.slow);
    this.slow = undefined;
    if (sent.state === "kept") {
      this.held = { ...this.held, ...fields };
      this.merge(sent.told);
    }
    if (sent.state === "refused") this.refused = { ...this.refused, ...fields };
    unsent.keep(this.address, fieldsOf(this.form), { ...this.held, ...this.refused }, this.merges);
    if (!wasNothing) this.say(sent.state, sent.state === "refused" ? sent.reason : "");
    if (sent.state === "waiting" && sent.locked) askToUnlock(() => this.soon(0));
    const more = Object.keys(this.changed()).length > 0;
    if (more) this.soon(sent.state === "waiting" ? TRY_AGAIN : 0);
    if (!more || sent.state === "waiting") this.tell(sent.state);
  }

  private tell(state: State): void {
    for (const resolve of this.waiters.splice(0)) resolve(state);
  }

  /** What another device answered meanwhile is shown here too, unless it was answered here since. */
  private merge(told: Merged): void {
    if (!this.merges || !told.there) return;
    const local = changedFields(this.held, fieldsOf(this.form));
    const news = Object.entries(told.there).filter(
      ([name, value]) => local[name] === undefined && (this.held[name]?.[0] ?? "") !== value,
    );
    const fresh = Object.fromEntries(news.map(([name, value]) => [name, [value]]));
    restore(this.form, fresh);
    this.held = { ...this.held, ...fresh };
    for (const [name, reason] of Object.entries(told.refused ?? {})) {
      this.refused[name] = fieldsOf(this.form)[name] ?? [];
      this.say("refused", reason);
    }
    this.form.dispatchEvent(new CustomEvent("openkap:told", { detail: { ...told, news: Object.keys(fresh) } }));
  }

  private say(state: State, reason = ""): void {
    for (const note of this.form.querySelectorAll<HTMLElement>("[data-kept-note]")) {
      note.dataset["state"] = state;
      const words = [note.dataset[state] ?? "", reason].filter(Boolean).join(" ");
      if (note.textContent !== words) note.textContent = words;
    }
  }
}

/** Answers of forms that were left before they were sent, first answered first; those of `here` see to themselves. */
async function sendTheRest(here: string[]): Promise<void> {
  const note = document.querySelector<HTMLElement>("[data-unsent-note]");
  for (const one of unsent.all().filter((each) => !here.includes(each.address))) {
    const sent = await send(one, false);
    if (sent.state === "waiting") {
      show(note, "waiting");
      setTimeout(() => void sendTheRest(here), TRY_AGAIN);
      return;
    }
    unsent.forget(one.address);
    if (sent.state === "refused" || Date.now() - one.order > WAITED || note?.hidden === false) show(note, sent.state);
  }
}

function show(note: HTMLElement | null, state: State): void {
  if (!note) return;
  note.hidden = false;
  note.dataset["state"] = state;
  note.textContent = note.dataset[state] ?? "";
}

export function startKeeping(): Kept[] {
  const kept = [...document.querySelectorAll<HTMLFormElement>("form[data-keep]")].map((form) => new Kept(form));
  if (document.body.querySelector("[data-unsent-note]")) {
    void sendTheRest(kept.map(({ form }) => form.dataset["keep"] ?? ""));
  }
  return kept;
}
