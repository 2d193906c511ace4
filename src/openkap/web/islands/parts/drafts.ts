// Drafts: what is typed into a form with data-draft="key" is kept on the server until it is sent.
// Nothing is written to the browser's storage: workstations are shared.
import { CSRF_HEADER, csrfToken } from "../lib/csrf";
import { fieldsOf, restore, type Fields } from "../lib/draft-fields";

const AFTER_LAST_KEY = 1000; // milliseconds

class Draft {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changed = false;
  private readonly address: string;

  constructor(private readonly form: HTMLFormElement, key: string) {
    this.address = `/drafts/${encodeURIComponent(key)}/`;
    form.append(this.named(key));
    form.addEventListener("input", () => this.soon());
    form.addEventListener("change", () => this.soon());
    form.addEventListener("submit", () => this.forgetTimer());
    addEventListener("pagehide", () => {
      if (this.changed) void this.save(true);
    });
  }

  /** The server forgets the draft once it has accepted the form that names it. */
  private named(key: string): HTMLInputElement {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "draft_key";
    field.value = key;
    return field;
  }

  async offer(): Promise<void> {
    if (this.form.querySelector(".is-invalid, .error-summary")) return; // the server gave back what was typed
    const answer = await fetch(this.address, { headers: { Accept: "application/json" } });
    if (answer.status !== 200) return;
    const kept = (await answer.json()) as { fields: Fields; saved_at: string };
    if (this.changed || !restore(this.form, kept.fields)) return;
    this.say("restored", new Date(kept.saved_at));
    this.form.querySelector("[data-draft-discard]")?.removeAttribute("hidden");
  }

  async discard(): Promise<void> {
    this.forgetTimer();
    await fetch(this.address, { method: "DELETE", headers: { [CSRF_HEADER]: csrfToken() } });
    location.reload();
  }

  private soon(): void {
    this.changed = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(false), AFTER_LAST_KEY);
  }

  private forgetTimer(): void {
    clearTimeout(this.timer);
    this.changed = false;
  }

  private async save(leaving: boolean): Promise<void> {
    clearTimeout(this.timer);
    try {
      const answer = await fetch(this.address, {
        method: "PUT",
        keepalive: leaving,
        headers: { [CSRF_HEADER]: csrfToken(), "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(fieldsOf(this.form)),
      });
      if (answer.ok) this.changed = false;
      this.say(answer.ok ? "kept" : "failed", new Date());
    } catch {
      this.say("failed", new Date());
    }
  }

  private say(what: "kept" | "restored" | "failed", at: Date): void {
    const note = this.form.querySelector<HTMLElement>("[data-draft-note]");
    if (!note) return;
    const time = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    note.textContent = (note.dataset[what] ?? "").replace("%(time)s", time);
  }
}

export function startDrafts(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) {
    const draft = new Draft(form, form.dataset["draft"] ?? "");
    draft.offer().catch(() => undefined); // without an answer the form is simply empty
    form.querySelector("[data-draft-discard]")?.addEventListener("click", () => void draft.discard());
  }
}
