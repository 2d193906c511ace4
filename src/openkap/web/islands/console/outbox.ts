// Entries wait here until the server has them: kept in order, sent once under their own id, wiped on
// acknowledgement. What is kept survives a reload (vault.ts); what could not be taken says why and stays.

export interface Entry {
  client_id: string;
  kind: string;
  occurred_at: string;
  payload: Record<string, unknown>;
  schema_version: number;
}

export interface Kept {
  order: number;
  entry: Entry;
  refused: string; // why the server would not take it at all; '' while it waits
}

/** Where entries are kept: the encrypted store of vault.ts, or memory in a test. */
export interface Vault {
  put(kept: Kept): Promise<void>;
  all(): Promise<Kept[]>;
  remove(ids: string[]): Promise<void>;
}

export interface Result {
  client_id: string;
  status: "applied" | "rejected";
  seq: number;
  reason: string;
}

/** What came of sending: taken; try again later; entry locked until unlocked; this batch is unreadable. */
export type Answer =
  | { kind: "taken"; results: Result[] }
  | { kind: "later" }
  | { kind: "locked" }
  | { kind: "refused"; words: string };

export type Send = (entries: Entry[]) => Promise<Answer>;

export interface Timer {
  after(milliseconds: number, then: () => void): void;
  now(): number;
  random(): number;
}

export interface Standing {
  waiting: Kept[];
  refused: Kept[];
  retryAt: number | null;
  locked: boolean;
}

const AT_ONCE = 50;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export class Outbox {
  private kept: Kept[] = [];
  private next = 1;
  private failures = 0;
  private flying = false;
  private retryAt: number | null = null;
  private locked = false;
  private one = false; // after a refusal entries go one by one, to find the one at fault

  constructor(
    private readonly vault: Vault,
    private readonly send: Send,
    private readonly timer: Timer,
    private readonly changed: (standing: Standing, results: Result[]) => void,
  ) {}

  /** Takes up what an earlier page left, and starts sending. */
  async open(): Promise<void> {
    this.kept = (await this.vault.all()).sort((a, b) => a.order - b.order);
    this.next = (this.kept.at(-1)?.order ?? 0) + 1;
    this.tell();
    await this.flush();
  }

  /** Keeps an entry, then sends. Resolves once it is kept: from then on it cannot be lost. */
  async add(entry: Entry): Promise<void> {
    const kept: Kept = { order: this.next++, entry, refused: "" };
    this.kept.push(kept);
    this.tell();
    await this.vault.put(kept);
    void this.flush();
  }

  /** Drops an entry that the server refused, once a person has read why. */
  async dismiss(id: string): Promise<void> {
    const found = this.kept.find((k) => k.entry.client_id === id);
    if (!found?.refused) return;
    await this.forget([id]);
    this.tell();
  }

  /** The person has shown who they are, or the network is back: try now. */
  async resume(): Promise<void> {
    this.locked = false;
    this.failures = 0;
    await this.flush();
  }

  standing(): Standing {
    const waiting = this.kept.filter((k) => !k.refused);
    return { waiting, refused: this.kept.filter((k) => k.refused), retryAt: this.retryAt, locked: this.locked };
  }

  /** Sends what waits, in order, one request at a time. */
  async flush(): Promise<void> {
    if (this.flying || this.locked) return;
    this.flying = true;
    this.retryAt = null;
    try {
      while (await this.sendSome());
    } finally {
      this.flying = false;
    }
  }

  private async sendSome(): Promise<boolean> {
    const waiting = this.standing().waiting.slice(0, this.one ? 1 : AT_ONCE);
    if (waiting.length === 0) return false;
    const answer = await this.send(waiting.map((k) => k.entry));
    if (answer.kind === "taken") return this.taken(answer.results, waiting);
    if (answer.kind === "refused") return this.refused(waiting, answer.words);
    if (answer.kind === "locked") this.locked = true;
    else this.wait();
    this.tell();
    return false;
  }

  private async taken(results: Result[], sent: Kept[]): Promise<boolean> {
    const known = new Set(results.map((r) => r.client_id));
    const done = sent.filter((k) => known.has(k.entry.client_id)).map((k) => k.entry.client_id);
    this.failures = 0;
    await this.forget(done);
    if (done.length === 0) this.wait(); // an answer that says nothing of what was sent is no answer
    this.tell(results);
    return done.length > 0;
  }

  private async refused(sent: Kept[], words: string): Promise<boolean> {
    if (sent.length > 1) {
      this.one = true;
      return true;
    }
    for (const kept of sent) {
      kept.refused = words;
      await this.vault.put(kept);
    }
    this.tell();
    return true;
  }

  private wait(): void {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures) * (0.75 + 0.5 * this.timer.random());
    this.failures += 1;
    this.retryAt = this.timer.now() + pause;
    this.timer.after(pause, () => void this.flush());
  }

  private async forget(ids: string[]): Promise<void> {
    await this.vault.remove(ids);
    this.kept = this.kept.filter((k) => !ids.includes(k.entry.client_id));
    if (!this.kept.some((k) => !k.refused)) this.one = false;
  }

  private tell(results: Result[] = []): void {
    this.changed(this.standing(), results);
  }
}
