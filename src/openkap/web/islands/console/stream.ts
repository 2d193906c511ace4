// The live stream: opens, notices when it falls silent, and takes up where it was.
import type { Neighbour, State } from "./types";

export interface Heard {
  state(state: State): void;
  neighbours(neighbours: Neighbour[]): void;
  beat(beat: { now: string; given_mg: string }): void;
  quiet(isQuiet: boolean, since: number): void;
  ended(why: "signed-out" | "refused"): void;
}

export const SILENCE = 10_000; // after this the screen says that it may be old
const CHECK_EVERY = 1000;
const RECONNECT_AFTER = 2000;

export class Stream {
  private source: EventSource | null = null;
  private heardAt = performance.now();
  private openedAt = 0;
  private seq: number;
  private quiet = false;
  private stopped = false;

  constructor(private readonly url: string, from: number, private readonly heard: Heard) {
    this.seq = from;
  }

  start(): void {
    this.open();
    setInterval(() => this.look(), CHECK_EVERY);
    window.addEventListener("online", () => this.open());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.look();
    });
  }

  private open(): void {
    if (this.stopped) return;
    this.source?.close();
    this.openedAt = performance.now();
    const source = new EventSource(`${this.url}?after=${this.seq}`);
    this.source = source;
    source.addEventListener("state", (event) => {
      this.noise();
      const state = JSON.parse((event as MessageEvent<string>).data) as State;
      this.seq = Math.max(this.seq, state.seq);
      this.heard.state(state);
    });
    source.addEventListener("neighbours", (event) => {
      this.noise();
      this.heard.neighbours(JSON.parse((event as MessageEvent<string>).data) as Neighbour[]);
    });
    source.addEventListener("beat", (event) => {
      this.noise();
      this.heard.beat(JSON.parse((event as MessageEvent<string>).data) as { now: string; given_mg: string });
    });
    source.addEventListener("over", (event) => {
      this.stopped = true;
      source.close();
      this.heard.ended((JSON.parse((event as MessageEvent<string>).data) as { why: "signed-out" | "refused" }).why);
    });
  }

  private noise(): void {
    this.heardAt = performance.now();
    if (this.quiet) {
      this.quiet = false;
      this.heard.quiet(false, 0);
    }
  }

  private look(): void {
    if (this.stopped) return;
    const silent = performance.now() - this.heardAt;
    if (silent > SILENCE) {
      this.quiet = true;
      this.heard.quiet(true, silent);
    }
    const closed = this.source?.readyState === EventSource.CLOSED || silent > SILENCE;
    if (closed && performance.now() - this.openedAt > RECONNECT_AFTER) this.open();
  }
}
