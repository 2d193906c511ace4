import { changedFields, type Fields } from "./draft-fields";

/** Answers of one form that the server has not confirmed. `held` is what this page took the server to have. */
export interface Unsent {
  address: string;
  fields: Fields;
  held: Fields;
  merges: boolean; // whether the address takes `held` too, and says what another device answered
  order: number;
}

/** What is needed of sessionStorage. */
export interface Shelf {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export const PREFIX = "openkap-unsent:";

/** What was answered and not yet confirmed, for this tab only: it goes with the tab, and when it was sent. */
export class UnsentStore {
  constructor(private readonly shelf: Shelf | null, private readonly now: () => number) {}

  of(address: string): Unsent | null {
    try {
      return read(this.shelf?.getItem(PREFIX + address) ?? null);
    } catch {
      return null;
    }
  }

  /** Keeps what differs; nothing different is nothing to keep. A form keeps its place in the order. */
  keep(address: string, fields: Fields, held: Fields, merges: boolean): void {
    const changed = changedFields(held, fields);
    const before = Object.fromEntries(Object.keys(changed).map((name) => [name, held[name] ?? []]));
    const order = this.of(address)?.order ?? this.now();
    try {
      if (Object.keys(changed).length === 0) this.shelf?.removeItem(PREFIX + address);
      else this.shelf?.setItem(PREFIX + address, JSON.stringify({ address, fields: changed, held: before, merges, order }));
    } catch {
      // A full or forbidden store: what is on the page stays there, and is sent from there.
    }
  }

  forget(address: string): void {
    try {
      this.shelf?.removeItem(PREFIX + address);
    } catch {
      // nothing was kept then
    }
  }

  /** Everything that waits, first answered first. */
  all(): Unsent[] {
    return this.addresses()
      .map((address) => this.of(address))
      .filter((one): one is Unsent => one !== null)
      .sort((one, other) => one.order - other.order);
  }

  clear(): void {
    for (const address of this.addresses()) this.forget(address);
  }

  private addresses(): string[] {
    try {
      const count = this.shelf?.length ?? 0;
      const keys = Array.from({ length: count }, (_, index) => this.shelf?.key(index) ?? "");
      return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    } catch {
      return [];
    }
  }
}

function read(text: string | null): Unsent | null {
  if (text === null) return null;
  const found = JSON.parse(text) as Partial<Unsent>;
  if (typeof found.address !== "string" || typeof found.order !== "number" || !found.fields || !found.held) return null;
  return { address: found.address, fields: found.fields, held: found.held, merges: found.merges === true, order: found.order };
}
