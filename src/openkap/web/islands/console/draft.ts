// What is chosen at the chair and not saved yet. Pure: choosing gives the next draft; `entryOf` what is stored.
import type { Range, Vital } from "./types";

export interface Draft {
  values: Partial<Record<Vital, number>>;
  notAsked: Vital[];
  roomAir: boolean;
}

export const EMPTY: Draft = { values: {}, notAsked: [], roomAir: true };

export function isEmpty(draft: Draft): boolean {
  return Object.keys(draft.values).length === 0 && draft.notAsked.length === 0;
}

/** Chooses a value; choosing it again takes it back. */
export function choose(draft: Draft, vital: Vital, value: number): Draft {
  const { [vital]: before, ...others } = draft.values;
  const values = before === value ? others : { ...others, [vital]: value };
  return { ...draft, values, notAsked: draft.notAsked.filter((v) => v !== vital) };
}

/** A typed figure; an empty field takes it back. */
export function type(draft: Draft, vital: Vital, text: string): Draft {
  const { [vital]: _before, ...others } = draft.values;
  const figure = text.trim() === "" ? Number.NaN : Number(text.replace(",", "."));
  return { ...draft, values: Number.isNaN(figure) ? others : { ...others, [vital]: figure } };
}

export function notAsked(draft: Draft, vital: Vital): Draft {
  const { [vital]: _before, ...values } = draft.values;
  const already = draft.notAsked.includes(vital);
  return { ...draft, values, notAsked: already ? draft.notAsked.filter((v) => v !== vital) : [...draft.notAsked, vital] };
}

/** What cannot be saved as it is: figures outside what can be entered, half a blood pressure. */
export function faults(draft: Draft, ranges: Partial<Record<Vital, Range>>): Vital[] {
  const wrong = (Object.entries(draft.values) as [Vital, number][])
    .filter(([vital, value]) => {
      const range = ranges[vital];
      return !range || value < range.least || value > range.most;
    })
    .map(([vital]) => vital);
  const { systolic, diastolic } = draft.values;
  if ((systolic === undefined) !== (diastolic === undefined)) wrong.push(systolic === undefined ? "systolic" : "diastolic");
  if (systolic !== undefined && diastolic !== undefined && systolic <= diastolic) wrong.push("diastolic");
  return [...new Set(wrong)];
}

export function payloadOf(draft: Draft): Record<string, unknown> {
  const payload: Record<string, unknown> = { values: draft.values, source: "typed" };
  if (draft.notAsked.length) payload["not_asked"] = draft.notAsked;
  if (draft.values.spo2 !== undefined) payload["room_air"] = draft.roomAir;
  return payload;
}

/** The lines under 'Save': exactly what will be stored. */
export function summary(draft: Draft, words: Record<string, string>): string[] {
  const { systolic, diastolic, ...others } = draft.values;
  const lines: string[] = [];
  if (systolic !== undefined || diastolic !== undefined) lines.push(`${words["bp"]} ${systolic ?? "?"}/${diastolic ?? "?"}`);
  for (const [vital, value] of Object.entries(others)) lines.push(`${words[vital] ?? vital} ${value}`);
  for (const vital of draft.notAsked) lines.push(`${words[vital] ?? vital}: ${words["not-asked"]}`);
  return lines;
}
