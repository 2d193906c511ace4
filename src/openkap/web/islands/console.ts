// The session console: draws the state the server sends, keeps entries until the server has them, counts down.
import { checkAll, decide, perform, stepDone, takeBack } from "./console/acts";
import { drawAxis, type Unsent } from "./console/axis";
import { ServerClock } from "./console/clock";
import { Dock } from "./console/dock";
import { byId, holdWhilePressed, setIcons } from "./console/dom";
import { Outbox, type Answer, type Entry, type Standing, type Vault } from "./console/outbox";
import { drawAbout, drawActs, drawChairs, drawClock, drawDue, drawOrder, drawPhase, drawReady, drawSteps, drawTable, drawUnsent, type Hands } from "./console/panels";
import { Prediction } from "./console/prediction";
import { Stream } from "./console/stream";
import type { Config, Forecast, Neighbour, State, Vital } from "./console/types";
import { BrowserVault, MemoryVault } from "./console/vault";
import { CSRF_HEADER, csrfToken } from "./lib/csrf";

const SCHEMA_VERSION = 1;

class Console {
  private state: State;
  private neighbours: Neighbour[];
  private readonly prediction = new Prediction(() => this.askForecast());
  private standing: Standing = { waiting: [], refused: [], retryAt: null, locked: false };
  private seenAlerts = new Set<string>();
  private over = false;
  private readonly clock = new ServerClock();
  private readonly dock: Dock;

  constructor(private readonly config: Config, private readonly outbox: (changed: Console) => Outbox) {
    this.state = config.state;
    this.neighbours = config.neighbours;
    this.clock.set(config.state.now);
    this.box = this.outbox(this);
    this.dock = new Dock(config, this.state, (payload) => this.record("vitals-recorded", payload), (name) => this.act(name));
  }

  private readonly box: Outbox;

  start(): void {
    holdWhilePressed();
    byId("plot").setAttribute("aria-label", this.config.words["axis"] ?? "");
    byId("toggle-table").addEventListener("click", () => this.toggleTable());
    new ResizeObserver(() => this.drawPlot()).observe(byId("plot"));
    new Stream(this.config.urls.stream, this.state.seq, {
      state: (state) => this.take(state),
      neighbours: (neighbours) => {
        this.neighbours = neighbours;
        drawChairs(neighbours, this.config, this.clock.now());
      },
      beat: (beat) => {
        this.clock.set(beat.now);
        this.state.dose.given_mg = beat.given_mg;
      },
      quiet: (isQuiet, silent) => this.stale(isQuiet, silent),
      ended: (why) => this.shutOut(why),
    }).start();
    this.take(this.state);
    setInterval(() => this.tick(), 1000);
    void this.box.open();
  }

  /** What the outbox says: what waits, and what became of what was sent. */
  changed(standing: Standing, rejected: string[]): void {
    this.standing = standing;
    for (const words of rejected) this.announce(`${this.config.words["rejected"]}: ${words}`);
    if (this.dock) {
      drawUnsent(standing, this.config, performance.timeOrigin + performance.now(), this.hands);
      this.drawPlot();
    }
  }

  private readonly hands: Hands = {
    act: (name) => this.act(name),
    item: (item) => {
      if (item.action === "dock") this.dock.focus();
      else if (item.action === "decide") void decide(item.id, item.words, this.config, (k, p) => this.record(k, p));
      else this.act(item.action);
    },
    step: (crossed) => {
      if (crossed.closed_by === "reading") this.dock.focus();
      else void stepDone(crossed, this.config, (k, p) => this.record(k, p));
    },
    check: () => void checkAll(this.state, this.config, (k, p) => this.record(k, p)),
    takeBack: (line) => void takeBack(line.id, `${line.words} ${line.text}`, this.config, (k, p) => this.record(k, p)),
    dismiss: (id) => void this.box.dismiss(id),
    unlock: () => this.unlock(),
  };

  private act(name: string): void {
    void perform(name, this.state, this.config, (kind, payload) => this.record(kind, payload));
  }

  /** Keeps an entry with the server's time of now, then sends it. */
  private record(kind: string, payload: Record<string, unknown>): void {
    const entry: Entry = { client_id: crypto.randomUUID(), kind, occurred_at: this.clock.iso(), payload, schema_version: SCHEMA_VERSION };
    void this.box.add(entry);
  }

  private unlock(): void {
    document.dispatchEvent(new CustomEvent("openkap:locked", { detail: { resume: () => void this.box.resume() } }));
  }

  private take(state: State): void {
    this.state = state;
    this.clock.set(state.now);
    this.dock.update(state);
    for (const crossed of state.crossed) {
      const key = `${crossed.limit}${crossed.opened_at}`;
      if (!this.seenAlerts.has(key)) this.announce(`${this.config.words["new-alert"]}${crossed.title}. ${crossed.step}`);
      this.seenAlerts.add(key);
    }
    drawOrder(state);
    drawActs(state, this.config, this.hands);
    drawTable(state, this.prediction.shown, this.config, this.hands);
    this.tick();
    void this.predict();
  }

  private tick(): void {
    const now = this.clock.now();
    drawClock(this.state, now);
    drawPhase(this.state);
    drawDue(this.state, this.config, now);
    drawSteps(this.state, this.config, now, this.hands);
    drawReady(this.state, this.config, now, this.hands);
    drawChairs(this.neighbours, this.config, now);
    drawUnsent(this.standing, this.config, performance.timeOrigin + performance.now(), this.hands);
    this.drawPlot();
  }

  private drawPlot(): void {
    const plot = document.getElementById("plot");
    if (!(plot instanceof SVGSVGElement) || plot.hasAttribute("hidden")) return;
    drawAbout(this.prediction.shown, plot.clientWidth, plot.clientHeight);
    drawAxis(plot, { state: this.state, forecast: this.prediction.shown, unsent: this.unsent(), now: this.clock.now(), words: this.config.words });
  }

  private unsent(): Unsent[] {
    return this.standing.waiting
      .filter((kept) => kept.entry.kind === "vitals-recorded")
      .map((kept) => ({ at: Date.parse(kept.entry.occurred_at), values: (kept.entry.payload["values"] ?? {}) as Partial<Record<Vital, number>> }));
  }

  private async predict(): Promise<void> {
    if (!(await this.prediction.follow(this.state.forecast_key))) return;
    drawTable(this.state, this.prediction.shown, this.config, this.hands);
    this.drawPlot();
  }

  private async askForecast(): Promise<Forecast> {
    const answer = await fetch(this.config.urls.forecast, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()) as Forecast;
  }

  private toggleTable(): void {
    const table = byId("table-place");
    const shown = Boolean(table.hidden);
    table.hidden = !shown;
    byId("plot").toggleAttribute("hidden", shown);
    byId("toggle-table").setAttribute("aria-pressed", String(shown));
    this.drawPlot();
  }

  private stale(isStale: boolean, silent: number): void {
    if (this.over) return;
    byId("stale").hidden = !isStale;
    if (isStale) byId("stale-words").textContent = (this.config.words["stale"] ?? "").replace("%(seconds)s", String(Math.round(silent / 1000)));
    else void this.box.resume();
  }

  private shutOut(why: "signed-out" | "refused"): void {
    this.over = true;
    byId("stale").hidden = false;
    byId("stale-words").textContent = this.config.words[why === "refused" ? "over-refused" : "over"] ?? "";
    byId("stale-sign-in").hidden = why === "refused";
  }

  private announce(words: string): void {
    byId("announce").textContent = words;
  }
}

/** Sends entries. Only an answer that says so takes them off the outbox. */
async function send(url: string, entries: Entry[]): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", [CSRF_HEADER]: csrfToken() },
      body: JSON.stringify({ entries }),
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    return { kind: "later" };
  }
  if (answer.status === 423) return { kind: "locked" };
  const body = (await answer.json().catch(() => null)) as { results?: never[]; message?: string } | null;
  if (answer.ok && body?.results) return { kind: "taken", results: body.results };
  if ([409, 413, 422].includes(answer.status)) return { kind: "refused", words: body?.message ?? "" };
  return { kind: "later" }; // signed out, no permission just now, or the server is down: nothing is given up
}

async function vaultFor(config: Config): Promise<Vault> {
  try {
    return await BrowserVault.openFor(config.author, config.session);
  } catch {
    return new MemoryVault();
  }
}

async function start(): Promise<void> {
  const config = JSON.parse(byId("console-config").textContent ?? "{}") as Config;
  setIcons(config.icons);
  const vault = await vaultFor(config);
  const timer = {
    after: (milliseconds: number, then: () => void) => void setTimeout(then, milliseconds),
    now: () => performance.timeOrigin + performance.now(),
    random: () => Math.random(),
  };
  new Console(config, (page) => new Outbox(
    vault,
    (entries) => send(config.urls.events, entries),
    timer,
    (standing, results) => page.changed(standing, results.filter((r) => r.status === "rejected").map((r) => r.reason)),
  )).start();
}

void start();
