// Answers are saved as they are typed: every field of a form with data-keep="address" goes there by itself.
// What could not be sent is tried again until it is; leaving the page sends what is left.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";
import { changedFields, fieldsOf, type Fields } from "../lib/draft-fields";
import { askToUnlock } from "./unlock";

const AFTER_LAST_KEY = 600; // milliseconds
const TRY_AGAIN = 4000;

class Kept {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private held: Fields; // as the server has it, as far as this page knows

  constructor(private readonly form: HTMLFormElement, private readonly address: string) {
    this.held = fieldsOf(form);
    form.addEventListener("input", () => this.soon(AFTER_LAST_KEY));
    form.addEventListener("change", () => this.soon(0));
    addEventListener("pagehide", () => void this.save(true));
    addEventListener("online", () => this.soon(0));
  }

  private soon(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(false), wait);
  }

  /** One at a time, so that a slow answer never overtakes a later one; only what changed, for other devices' sake. */
  private async save(leaving: boolean): Promise<void> {
    clearTimeout(this.timer);
    const fields = changedFields(this.held, fieldsOf(this.form));
    if (Object.keys(fields).length === 0 || (this.busy && !leaving)) return;
    this.busy = true;
    const again = await this.send(fields, leaving);
    this.busy = false;
    if (again !== null && !leaving) this.soon(again);
  }

  /** Returns in how many milliseconds to look again, or null when that would help nobody. */
  private async send(fields: Fields, leaving: boolean): Promise<number | null> {
    try {
      const answer = await fetch(this.address, {
        method: "PUT",
        keepalive: leaving,
        headers: { [CSRF_HEADER]: csrfToken(), "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(fields),
      });
      if (answer.ok) this.held = { ...this.held, ...fields };
      this.say(answer.ok ? "kept" : "failed");
      if (answer.status === 423) askToUnlock(() => this.soon(0));
      return answer.ok ? 0 : answer.status >= 500 ? TRY_AGAIN : null;
    } catch {
      this.say("failed");
      return TRY_AGAIN;
    }
  }

  private say(state: "kept" | "failed"): void {
    const note = this.form.querySelector<HTMLElement>("[data-kept-note]");
    if (!note) return;
    note.dataset["state"] = state;
    note.textContent = note.dataset[state] ?? "";
  }
}

export function startKeeping(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
    new Kept(form, form.dataset["keep"] ?? "");
  }
}
