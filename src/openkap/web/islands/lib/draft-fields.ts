/** What a form holds, as it is kept: names to lists of values. */
export type Fields = Record<string, string[]>;

/** What is needed of a control; an HTMLInputElement and its kin have it. */
export interface Control {
  name: string;
  type: string;
  value: string;
  checked?: boolean;
  disabled?: boolean;
}

const NEVER_KEPT = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);
const TICKED = new Set(["checkbox", "radio"]);

/** Whether a control's value may be kept. */
export function isKept(control: Control): boolean {
  return control.name !== "" && !NEVER_KEPT.has(control.type);
}

function controlsOf(form: { elements: Iterable<unknown> }): Control[] {
  return [...form.elements].filter((each): each is Control => {
    const control = each as Partial<Control>;
    return typeof control.name === "string" && typeof control.type === "string" && isKept(control as Control);
  });
}

/** The values as typed; an unticked box has an empty list, so that unticking is kept too. */
export function fieldsOf(form: { elements: Iterable<unknown> }): Fields {
  const fields: Fields = {};
  for (const control of controlsOf(form)) {
    const values = (fields[control.name] ??= []);
    if (!TICKED.has(control.type) || control.checked) values.push(control.value);
  }
  return fields;
}

/** Puts kept values back. Returns whether anything changed. */
export function restore(form: { elements: Iterable<unknown> }, fields: Fields): boolean {
  let changed = false;
  const used: Record<string, number> = {};
  for (const control of controlsOf(form)) {
    const values = fields[control.name];
    if (!values) continue;
    if (TICKED.has(control.type)) {
      const ticked = values.includes(control.value);
      changed ||= ticked !== control.checked;
      control.checked = ticked;
      continue;
    }
    const index = used[control.name] ?? 0;
    used[control.name] = index + 1;
    const value = values[index];
    if (value === undefined || value === control.value) continue;
    control.value = value;
    changed = true;
  }
  return changed;
}

/** Those fields of `now` that differ from what is held. */
export function changedFields(held: Fields, now: Fields): Fields {
  const same = (one: string[] | undefined, other: string[]): boolean =>
    one !== undefined && one.length === other.length && one.every((value, index) => value === other[index]);
  return Object.fromEntries(Object.entries(now).filter(([name, values]) => !same(held[name], values)));
}
