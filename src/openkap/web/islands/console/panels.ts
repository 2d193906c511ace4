// The parts of the console around the axis, drawn from the state the server sent.
import { sessionMinute, span, timeOfDay } from "./clock";
import { hasRoomForWords, interval } from "./axis";
import { byId, h, icon, put } from "./dom";
import type { Standing } from "./outbox";
import type { Config, Crossed, Due, Forecast, Item, Line, Neighbour, State } from "./types";

const SOON = 5 * 60_000; // a countdown below this is shown in amber

export interface Hands {
  act(name: string): void;
  item(item: Item): void;
  check(): void;
  step(crossed: Crossed): void;
  takeBack(line: Line): void;
  dismiss(id: string): void;
  unlock(): void;
}

/** "3:20", or how long overdue; counted on from the absolute time the server gave. */
function countdown(due: string, now: number, words: Record<string, string>): { text: string; over: boolean; sooner: boolean } {
  const left = Date.parse(due) - now;
  if (left < 0) return { text: `${words["overdue-by"]} ${span(left)}`, over: true, sooner: false };
  return { text: span(left), over: false, sooner: left < SOON };
}

export function drawChairs(neighbours: Neighbour[], config: Config, now: number): void {
  const { words } = config;
  const tabs = neighbours.map((n) => {
    const time = n.due_at ? countdown(n.due_at, now, words) : null;
    const tone = n.alert || time?.over ? "over" : time?.sooner ? "due" : "";
    const minute = n.zero ? `, ${words["minute-words"]} ${Math.floor((now - Date.parse(n.zero)) / 60_000)}` : "";
    return h(
      "a", { class: `tab ${tone === "over" ? "over" : ""}`, href: n.url, "aria-current": n.id === config.session ? "page" : null, "data-key": n.id },
      h("span", { class: "seat" }, n.chair),
      h("span", { class: "tx" }, h("span", { class: "nm" }, n.name), h("span", { class: "phs" }, n.phase + minute)),
      time && h("span", { class: "nx" }, h("span", { class: `st ${tone}` }, icon(tone === "over" ? "alert-octagon" : "clock"), h("span", {}, n.alert || n.next)), h("b", {}, time.over ? `−${span(Date.parse(n.due_at ?? "") - now)}` : time.text)),
    );
  });
  put(byId("chairs"), ...tabs);
}

export function drawUnsent(standing: Standing, config: Config, now: number, hands: Hands): void {
  const { words } = config;
  const count = standing.waiting.length;
  const seconds = standing.retryAt ? Math.max(0, Math.ceil((standing.retryAt - now) / 1000)) : null;
  const why = standing.locked ? words["kept-locked"] : seconds === null ? words["kept-sending"] : (words["kept-here"] ?? "").replace("%(seconds)s", String(seconds));
  const waiting = count > 0 && h(
    "div", { class: "unsent", role: "status" }, icon("cloud-off"),
    h("div", {}, h("b", {}, `${words["not-sent"]}: ${count}`), h("span", {}, why)),
    standing.locked && h("button", { type: "button", class: "btn", "data-key": "unlock", onclick: () => hands.unlock() }, icon("lock"), words["unlock"]),
  );
  const refused = standing.refused.map((kept) =>
    h("div", { class: "unsent", role: "alert" }, icon("alert-octagon"), h("div", {}, h("b", {}, `${kept.entry.kind}: ${words["refused"]}`), h("span", {}, kept.refused)), h("button", { type: "button", class: "btn", onclick: () => hands.dismiss(kept.entry.client_id) }, words["dismiss"])),
  );
  put(byId("unsent"), waiting, ...refused);
}

export function drawClock(state: State, now: number): void {
  const from = state.zero ?? state.arrived_at;
  byId("clock").textContent = state.zero ? sessionMinute(now, Date.parse(state.zero)) : from ? span(now - Date.parse(from)) : "--:--";
  byId("wall").textContent = timeOfDay(now);
}

export function drawPhase(state: State): void {
  const { phase } = state;
  const steps = Array.from({ length: phase.of }, (_, n) => h("i", { class: n < phase.index ? "done" : n === phase.index ? "on" : "" }));
  const at = phase.then_at && state.zero ? ` · ${sessionMinute(Date.parse(phase.then_at), Date.parse(state.zero))}` : "";
  put(byId("phase"), h("b", {}, phase.words), h("div", { class: "ph", "aria-hidden": "true" }, ...steps), h("span", {}, phase.then + at));
}

export function drawOrder(state: State): void {
  put(byId("order"), h("div", { class: "t" }, `${state.order.amount} ${state.order.way}`), h("div", { class: "s" }, state.order.detail));
}

const LOOK: Record<string, [icon: string, css: string]> = {
  start: ["player-play", "primary"], pause: ["player-pause", ""], resume: ["player-play", "primary"], stop: ["player-stop", "stop"],
  "dose-ended": ["check", "primary"], discharge: ["check", "primary"], end: ["check", "primary"], sign: ["check", "primary"],
  recovery: ["wave-sine", ""], rate: ["wave-sine", ""], addendum: ["note", "primary"],
};
const IN_DOCK = new Set(["note", "drug", "event"]);

export function drawActs(state: State, config: Config, hands: Hands): void {
  const offered = config.may_record ? state.next.filter((name) => !IN_DOCK.has(name)) : [];
  const buttons = offered.map((name) => {
    const [drawing, css] = LOOK[name] ?? ["check", ""];
    const quiet = name === "discharge" && (state.zero ? !state.to_leave.ready : true);
    return h("button", { type: "button", class: `btn ${quiet ? "" : css}`, "data-key": `act-${name}`, onclick: () => hands.act(name) }, icon(drawing), config.words[name]);
  });
  const shown = buttons.slice(0, 2);
  const rest = buttons.slice(2);
  const more = rest.length > 0 && h("details", { class: "more-acts" }, h("summary", { class: "btn", "data-key": "more" }, config.words["more"]), h("div", {}, ...rest));
  const report = state.ended && h("a", { class: "btn", href: config.urls.report }, icon("note"), config.words["report"]);
  put(byId("acts"), ...shown, more, report);
}

const DUE_ICON: Record<Due["kind"], string> = { readings: "heartbeat", recheck: "alert-triangle", "dose-end": "vaccine-bottle", leave: "clock" };

export function drawDue(state: State, config: Config, now: number): void {
  const open = state.due.filter((d) => d.state === "upcoming" || d.state === "overdue").slice(0, 4);
  const chips = open.map((d, n) => {
    const time = countdown(d.due_at, now, config.words);
    const tone = time.over ? "over" : d.kind === "recheck" ? "due" : "";
    return h("span", { class: `nd ${tone} ${n === 3 ? "far" : ""}` }, icon(time.over ? "alert-octagon" : DUE_ICON[d.kind]), `${d.words} `, h("b", {}, time.text));
  });
  put(byId("due"), ...chips);
}

export function drawSteps(state: State, config: Config, now: number, hands: Hands): void {
  const { words } = config;
  const [first, ...others] = state.crossed;
  if (!first) {
    put(byId("open-steps"));
    return;
  }
  const left = Date.parse(first.due_at) - now;
  const over = left < 0 || first.urgency === "emergency";
  const whole = Math.max(1, Date.parse(first.due_at) - Date.parse(first.opened_at));
  const share = Math.max(0, Math.min(100, Math.round((1 - left / whole) * 20) * 5));
  const button = first.closed_by === "reading" ? words["record-recheck"] : words["step-done"];
  put(
    byId("open-steps"),
    h(
      "section", { class: `step ${over ? "over" : ""}`, "aria-label": first.title },
      h("div", { class: "why" }, icon(over ? "alert-octagon" : "alert-triangle"), h("h2", {}, first.title)),
      h("p", { class: "do" }, first.step),
      h("div", { class: "count" }, h("span", { class: "t" }, `${left < 0 ? "−" : ""}${span(left)}`), h("div", { class: "ln" }, h("span", {}, left < 0 ? words["overdue-by"] : `${words["to-go"]}, ${words["at"]} ${timeOfDay(Date.parse(first.due_at))}`), h("div", { class: `bar ${over ? "over" : "due"}` }, h("i", { class: `w${share}` })))),
      h("dl", {}, h("dt", {}, words["owner"]), h("dd", {}, first.owner), h("dt", { class: "then" }, words["if-missed"]), h("dd", {}, first.if_missed)),
      !first.signed_off && h("p", { class: "unsigned" }, icon("help-circle"), words["not-signed-off"]),
      others.length > 0 && h("ul", { class: "more" }, ...others.map((o) => h("li", {}, icon("alert-triangle"), `${o.title} · ${countdown(o.due_at, now, words).text}`))),
      config.may_record && h("div", { class: "acts" }, h("button", { type: "button", class: "btn primary", "data-key": "step", onclick: () => hands.step(first) }, button)),
    ),
  );
}

const STANDING: Record<Item["standing"], [icon: string, tone: string]> = {
  missing: ["circle-x", "amber"], unknown: ["help-circle", "slate"], "too-early": ["clock", "slate"], met: ["circle-check", "sage"],
};

export function drawReady(state: State, config: Config, now: number, hands: Hands): void {
  const { words } = config;
  const leaving = state.zero !== null;
  const list = leaving ? state.to_leave : state.to_start;
  const items = list.items.map((item) => {
    const [drawing, tone] = STANDING[item.standing];
    const left = item.standing === "too-early" && item.at ? `${timeOfDay(Date.parse(item.at))}, ${words["in"]} ${span(Date.parse(item.at) - now)}` : "";
    const value = left || item.value || (item.standing === "met" ? "" : item.standing_words);
    const inside = [
      h("span", { class: `tone ${tone}` }, icon(drawing)),
      h("span", { class: "words" }, h("span", { class: "visually-hidden" }, `${item.standing_words}: `), item.words),
      h("span", { class: "value" }, value),
    ];
    const open = config.may_record && item.action && item.action !== "check" && !state.ended && item.standing !== "met";
    const possible = open && (item.action !== "decide" || config.may_decide);
    if (item.place) return h("li", {}, h("a", { href: item.place, "data-key": `item-${item.id}` }, ...inside));
    return h("li", {}, possible ? h("button", { type: "button", "data-key": `item-${item.id}`, onclick: () => hands.item(item) }, ...inside) : h("div", {}, ...inside));
  });
  const asked = leaving && config.may_record && !state.ended && list.items.some((item) => item.action === "check");
  const title = leaving ? words["ready-leave"] : words["ready-start"];
  put(
    byId("ready"),
    h("header", {}, h("div", {}, h("h2", {}, title), h("b", {}, list.words)), asked && h("button", { type: "button", class: "btn", "data-key": "check", onclick: () => hands.check() }, icon("check"), words["check"])),
    h("ul", { tabindex: 0, "aria-label": title, "data-key": "ready-list" }, ...items),
    h("p", { class: "foot" }, state.signed || words["computed"]),
  );
}

export function drawTable(state: State, forecast: Forecast | null, config: Config, hands: Hands): void {
  const { words } = config;
  const lines = state.lines.map((line) => {
    const mark = line.status === "rejected" ? h("span", { class: "st over" }, icon("alert-octagon"), words["rejected"]) : line.status === "corrected" ? h("span", { class: "st" }, icon("note"), words["corrected"]) : false;
    const back = config.may_record && line.status === "applied" && line.kind !== "corrected" && line.kind !== "signed" && !state.signed;
    return h(
      "tr", { class: line.status },
      h("td", {}, line.minute),
      h("td", {}, timeOfDay(Date.parse(line.at))),
      h("td", {}, h("b", {}, line.words), line.text && ` ${line.text}`, mark, line.reason && h("small", {}, line.reason)),
      h("td", {}, line.author),
      h("td", {}, back && h("button", { type: "button", class: "btn sm", "aria-label": `${words["take-back"]}: ${line.words} ${line.text}`, onclick: () => hands.takeBack(line) }, words["take-back"])),
    );
  });
  const head = ["col-minute", "col-time", "col-what", "col-who"].map((key) => h("th", { scope: "col" }, words[key]));
  put(
    byId("table-place"),
    lines.length
      ? h("table", {}, h("thead", {}, h("tr", {}, ...head, h("td", {}))), h("tbody", {}, ...lines))
      : h("p", { class: "empty" }, words["no-lines"]),
    ...predictedTable(state, forecast, config),
  );
}

const LOWEST_WITH_WORDS = 180; // pixels of the plot and the line together: below, the line would cost the plot a lane

/** What a prediction is, in one line: below a plot that has no room for it. */
export function drawAbout(forecast: Forecast | null, width: number, height: number): void {
  const place = byId("forecast-about");
  const tooLow = height + place.offsetHeight < LOWEST_WITH_WORDS;
  place.hidden = !forecast || hasRoomForWords(width, height) || tooLow;
  if (!forecast) return;
  const parts = forecast.available ? [forecast.about, forecast.model, forecast.band] : [forecast.reason];
  place.textContent = parts.join(". ");
}

const MINUTE = 60_000;
const EVERY = 10;

/** The prediction in figures, every ten minutes, with what it is and all that must be known of it. */
function predictedTable(state: State, forecast: Forecast | null, { words }: Config): HTMLElement[] {
  if (!forecast || !state.zero) return [];
  const title = h("h3", {}, words["predicted-table"]);
  if (!forecast.available) return [title, h("p", {}, forecast.reason)];
  const zero = Date.parse(state.zero);
  const minute = (at: number) => Math.round((at - zero) / MINUTE);
  const even = forecast.points.filter(([at]) => minute(at) % EVERY === 0 && Math.abs(at - zero - minute(at) * MINUTE) < 50);
  const rows = even.map((point) => h(
    "tr", {},
    h("td", {}, String(minute(point[0]))),
    h("td", {}, timeOfDay(point[0])),
    h("td", {}, point[1] === null ? "–" : String(Math.round(point[1]))),
    h("td", {}, interval(point)),
  ));
  const head = ["col-minute", "col-time", "col-typical", "col-band"].map((key) => h("th", { scope: "col" }, words[key]));
  return [
    title,
    h("p", {}, `${forecast.about} (${forecast.unit}). ${forecast.model}.`),
    h("ul", {}, ...forecast.notes.map((note) => h("li", {}, note))),
    h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)),
  ];
}
