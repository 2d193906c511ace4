// What a person may do now, and what each act asks first. The server says which acts are possible (`state.next`).
import { ask, type Answers, type Question } from "./dialogs";
import type { Config, Crossed, State } from "./types";

export type Record_ = (kind: string, payload: Record<string, unknown>) => void;
type Form = (state: State, config: Config) => Question;
type Payload = (answers: Answers, state: State) => Record<string, unknown> | null;

interface Act {
  kind: string;
  form: Form;
  payload: Payload;
}

const text = (answers: Answers, name: string): string => String(answers[name] ?? "");
const decimal = (answers: Answers, name: string): string => text(answers, name).replace(",", ".");
const given = (answers: Answers): Record<string, string> => {
  const read = decimal(answers, "given_mg");
  const reason = text(answers, "reason");
  return { ...(read ? { given_mg: read } : {}), ...(reason ? { reason } : {}) };
};

function question(config: Config, title: string, more: Partial<Question> = {}): Question {
  const w = config.words;
  return {
    title: `${w[title]}: ${config.patient}`,
    save: w["save"] ?? "",
    cancel: w["cancel"] ?? "",
    facts: [`${w["chair"]} ${config.chair}`],
    ...more,
  };
}

const w = (config: Config, key: string): string => config.words[key] ?? key;
const reasonField = (config: Config, required: boolean) => ({ name: "reason", label: w(config, "reason"), kind: "area" as const, required });
const pumpField = (config: Config) => ({ name: "given_mg", label: w(config, "pump-read"), kind: "number" as const, hint: w(config, "pump-hint") });

export const ACTS: Record<string, Act> = {
  arrived: { kind: "arrived", form: (_s, c) => question(c, "arrived", { text: w(c, "arrived-text") }), payload: () => ({}) },
  identity: {
    kind: "identity-checked",
    form: (_s, c) => question(c, "identity", {
      text: w(c, "identity-text"),
      fields: [{ name: "by", label: w(c, "identity-by"), kind: "several", options: ["name", "birth-date", "record-number", "photo"].map((value) => ({ value, words: w(c, `id-${value}`) })) }],
    }),
    payload: (a) => ({ by: a["by"] ?? [] }),
  },
  weight: {
    kind: "weight-measured",
    form: (_s, c) => question(c, "weight", { text: w(c, "weight-text"), fields: [{ name: "kg", label: w(c, "weight-kg"), kind: "number", required: true }] }),
    payload: (a) => ({ kg: decimal(a, "kg") }),
  },
  "escort-named": {
    kind: "escort-named",
    form: (_s, c) => question(c, "escort-named", { fields: [
      { name: "name", label: w(c, "escort-name"), kind: "text", required: true },
      { name: "phone", label: w(c, "escort-phone"), kind: "text" },
    ] }),
    payload: (a) => ({ name: text(a, "name"), ...(text(a, "phone") ? { phone: text(a, "phone") } : {}) }),
  },
  start: {
    kind: "dose-started",
    form: (s, c) => question(c, "start", { text: w(c, "start-text"), facts: [`${s.order.amount} ${s.order.way}`, s.order.pump, s.order.detail, `${w(c, "chair")} ${c.chair}`].filter(Boolean), save: w(c, "start-save") }),
    payload: (_a, s) => (s.dose.ordered_mg ? { amount_mg: s.dose.ordered_mg } : null),
  },
  pause: { kind: "dose-paused", form: (_s, c) => question(c, "pause", { fields: [reasonField(c, false)], save: w(c, "pause") }), payload: (a) => (text(a, "reason") ? { reason: text(a, "reason") } : {}) },
  resume: { kind: "dose-resumed", form: (_s, c) => question(c, "resume", { text: w(c, "resume-text"), save: w(c, "resume") }), payload: () => ({}) },
  stop: { kind: "dose-stopped", form: (_s, c) => question(c, "stop", { text: w(c, "stop-text"), fields: [pumpField(c), reasonField(c, false)], save: w(c, "stop"), danger: true }), payload: given },
  "dose-ended": { kind: "dose-ended", form: (_s, c) => question(c, "dose-ended", { text: w(c, "dose-ended-text"), fields: [pumpField(c)] }), payload: given },
  rate: { kind: "rate-changed", form: (s, c) => question(c, "rate", { facts: [`${w(c, "now")}: ${s.dose.rate}`, s.order.pump, `${w(c, "chair")} ${c.chair}`].filter(Boolean), fields: [{ name: "rate", label: w(c, "rate-mg-min"), kind: "number", required: true }] }), payload: (a) => ({ mg_per_min: decimal(a, "rate") }) },
  recovery: { kind: "phase-declared", form: (_s, c) => question(c, "recovery", { text: w(c, "recovery-text") }), payload: () => ({ phase: "recovery" }) },
  discharge: {
    kind: "discharge-decided",
    form: (s, c) => question(c, "discharge", {
      text: s.to_leave.ready || !s.dose.started_at ? w(c, "discharge-text") : w(c, "discharge-not-ready"),
      facts: s.to_leave.items.filter((i) => i.standing !== "met").map((i) => `${i.words}: ${i.standing_words}`),
      fields: [
        { name: "outcome", label: w(c, "outcome"), kind: "choice", required: true, options: ["released", "transferred", "left-against-advice"].map((value) => ({ value, words: w(c, `outcome-${value}`) })) },
        ...(!s.to_leave.ready && s.dose.started_at && c.may_decide ? [{ name: "override_reason", label: w(c, "override-reason"), kind: "area" as const }] : []),
      ],
    }),
    payload: (a) => ({ outcome: text(a, "outcome"), ...(text(a, "override_reason") ? { override_reason: text(a, "override_reason") } : {}) }),
  },
  end: { kind: "ended", form: (_s, c) => question(c, "end", { text: w(c, "end-text") }), payload: () => ({}) },
  sign: { kind: "signed", form: (_s, c) => question(c, "sign", { text: w(c, "sign-text"), save: w(c, "sign") }), payload: () => ({}) },
  note: { kind: "note-written", form: (_s, c) => question(c, "note", { fields: [{ name: "text", label: w(c, "note-text"), kind: "area", required: true }] }), payload: (a) => ({ text: text(a, "text") }) },
  addendum: { kind: "added", form: (_s, c) => question(c, "addendum", { fields: [{ name: "text", label: w(c, "note-text"), kind: "area", required: true }] }), payload: (a) => ({ text: text(a, "text") }) },
  drug: {
    kind: "drug-given",
    form: (_s, c) => question(c, "drug", { fields: [
      { name: "drug", label: w(c, "drug-name"), kind: "text", required: true },
      { name: "amount", label: w(c, "drug-amount"), kind: "text", required: true },
      { name: "route", label: w(c, "drug-route"), kind: "text", required: true },
      { name: "reason", label: w(c, "reason"), kind: "text" },
    ] }),
    payload: (a) => ({ drug: text(a, "drug"), amount: text(a, "amount"), route: text(a, "route"), ...(text(a, "reason") ? { reason: text(a, "reason") } : {}) }),
  },
  event: {
    kind: "sign-seen",
    form: (s, c) => question(c, "event", { fields: [
      { name: "sign", label: w(c, "event-what"), kind: "choice", required: true, options: [...s.signs.map((x) => ({ value: x.id, words: x.words })), { value: "other", words: w(c, "event-other") }] },
      { name: "severity", label: w(c, "event-severity"), kind: "choice", options: ["mild", "moderate", "severe"].map((value) => ({ value, words: w(c, `severity-${value}`) })) },
      { name: "text", label: w(c, "note-text"), kind: "area" },
    ] }),
    payload: (a) => ({ sign: text(a, "sign"), ...(text(a, "severity") ? { severity: text(a, "severity") } : {}), ...(text(a, "text") ? { text: text(a, "text") } : {}) }),
  },
};

/** Asks for what the act needs, then records it. */
export async function perform(name: string, state: State, config: Config, record: Record_): Promise<void> {
  const act = ACTS[name];
  if (!act) return;
  const answers = await ask(act.form(state, config));
  const payload = answers && act.payload(answers, state);
  if (payload) record(act.kind, payload);
}

/** The conditions of leaving that somebody has to ask or see, in one form; what is left open is not recorded. */
export async function checkAll(state: State, config: Config, record: Record_): Promise<void> {
  const asked = state.to_leave.items.filter((item) => item.action === "check");
  const options = [{ value: "yes", words: w(config, "yes") }, { value: "no", words: w(config, "no") }];
  const answers = await ask(question(config, "ready-leave", {
    text: w(config, "check-text"),
    fields: asked.map((item) => ({ name: item.id, label: item.words, kind: "yes-no" as const, options, ...(item.standing === "met" ? { value: "yes" } : {}) })),
  }));
  for (const item of answers ? asked : []) {
    const said = text(answers ?? {}, item.id);
    if (said && !(said === "yes" && item.standing === "met")) record("check-recorded", { condition: item.id, met: said === "yes" });
  }
}

/** The step of a sign is done. */
export async function stepDone(crossed: Crossed, config: Config, record: Record_): Promise<void> {
  const answers = await ask(question(config, "step-done", { text: crossed.step, facts: [crossed.title], save: w(config, "step-done") }));
  if (answers) record("check-recorded", { condition: crossed.limit, met: true });
}

/** A prescriber lets a held dose go ahead. */
export async function decide(about: string, words: string, config: Config, record: Record_): Promise<void> {
  const answers = await ask(question(config, "decide", { text: words, fields: [reasonField(config, true)] }));
  if (answers) record("decision-made", { about, reason: text(answers, "reason") });
}

/** Takes an entry back, with the reason; what was entered stays to be seen. */
export async function takeBack(event: string, words: string, config: Config, record: Record_): Promise<void> {
  const answers = await ask(question(config, "take-back", { text: words, fields: [reasonField(config, true)], save: w(config, "take-back") }));
  if (answers) record("corrected", { event, reason: text(answers, "reason") });
}
