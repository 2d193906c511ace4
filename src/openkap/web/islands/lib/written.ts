import type { Fields } from "./draft-fields";
import type { Shelf } from "./unsent";

const KEY = "openkap-written";

interface Kept {
  fields: Fields;
  last: string; // the newest entry there was while this was written
  sent: boolean; // 'Keep it' was pressed; whether it arrived shows in the newest entry
}

/** What is being written for the journal, for this tab only: the journal is sealed, so no draft of it goes anywhere. */
export class WrittenStore {
  constructor(private readonly shelf: Shelf | null) {}

  keep(fields: Fields, last: string, sent: boolean): void {
    try {
      this.shelf?.setItem(KEY, JSON.stringify({ fields, last, sent }));
    } catch {
      // A full or forbidden store: what is on the page stays there.
    }
  }

  /** What was written and did not arrive; what arrived is forgotten. `last` is the newest entry there is now. */
  waiting(last: string): Fields | null {
    const kept = this.read();
    if (kept === null) return null;
    if (kept.sent && kept.last !== last) {
      this.forget();
      return null;
    }
    return kept.fields;
  }

  forget(): void {
    try {
      this.shelf?.removeItem(KEY);
    } catch {
      // nothing was kept then
    }
  }

  private read(): Kept | null {
    try {
      const found = JSON.parse(this.shelf?.getItem(KEY) ?? "null") as Partial<Kept> | null;
      return found?.fields && typeof found.last === "string" ? { fields: found.fields, last: found.last, sent: found.sent === true } : null;
    } catch {
      return null;
    }
  }
}
