// The prediction that is shown: only ever of what the session says was given.
import type { Forecast } from "./types";

export class Prediction {
  /** The prediction for what was given by now; null while there is none. */
  shown: Forecast | null = null;
  private key: string | null = null;

  constructor(private readonly ask: () => Promise<Forecast>) {}

  /**
   * Ask anew where `key` says that something else was given; whether there is something else to show then.
   * What cannot be had is asked again with the next state; until then nothing is shown, for what was shown
   * was predicted without what was given since.
   */
  async follow(key: string): Promise<boolean> {
    if (this.key === key) return false;
    this.key = key;
    const answer = await this.ask().catch(() => null);
    if (this.key !== key) return false; // something else was given meanwhile, and is asked for already
    this.shown = answer;
    if (answer === null) this.key = null;
    return true;
  }
}
