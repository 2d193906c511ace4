// What is kept of a form, and how it comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { changedFields, fieldsOf, isKept, restore, type Control } from "../../src/openkap/web/islands/lib/draft-fields";

function control(part: Partial<Control>): Control {
  return { name: "note", type: "text", value: "", checked: false, ...part };
}

const form = (...elements: Control[]): { elements: Control[] } => ({ elements });

test("texts are kept as typed", () => {
  assert.deepEqual(fieldsOf(form(control({ value: " She slept. " }))), { note: [" She slept. "] });
});

test("passwords, files, hidden fields and buttons are never kept", () => {
  for (const type of ["password", "file", "hidden", "submit", "button"]) {
    assert.equal(isKept(control({ type })), false, type);
    assert.deepEqual(fieldsOf(form(control({ type, value: "secret" }))), {});
  }
});

test("a field without a name is not kept", () => {
  assert.deepEqual(fieldsOf(form(control({ name: "", value: "x" }))), {});
});

test("an unticked box is kept as unticked", () => {
  assert.deepEqual(fieldsOf(form(control({ type: "checkbox", name: "agreed", value: "on" }))), { agreed: [] });
});

test("of radio buttons the chosen one is kept and restored", () => {
  const filled = form(
    control({ type: "radio", name: "where", value: "room" }),
    control({ type: "radio", name: "where", value: "phone", checked: true }),
  );
  const kept = fieldsOf(filled);
  assert.deepEqual(kept, { where: ["phone"] });
  const blank = form(
    control({ type: "radio", name: "where", value: "room", checked: true }),
    control({ type: "radio", name: "where", value: "phone" }),
  );
  assert.equal(restore(blank, kept), true);
  assert.deepEqual(blank.elements.map((each) => each.checked), [false, true]);
});

test("several fields of one name come back in their order", () => {
  const blank = form(control({ name: "tool" }), control({ name: "tool" }));
  restore(blank, { tool: ["breath", "bilateral"] });
  assert.deepEqual(blank.elements.map((each) => each.value), ["breath", "bilateral"]);
});

test("what is as it was counts as nothing restored", () => {
  assert.equal(restore(form(control({ value: "same" })), { note: ["same"] }), false);
  assert.equal(restore(form(control({ value: "same" })), {}), false);
});

test("a hidden field is never overwritten by a draft", () => {
  const blank = form(control({ name: "csrf", type: "hidden", value: "token" }));
  restore(blank, { csrf: ["stolen"] });
  assert.equal(blank.elements[0]?.value, "token");
});

const controls = fc.array(
  fc.record({
    name: fc.constantFrom("a", "b", "c"),
    type: fc.constantFrom("text", "textarea", "select-one", "checkbox"),
    value: fc.string(),
    checked: fc.boolean(),
  }),
  { maxLength: 12 },
);

test("any form comes back as it was", () => {
  fc.assert(
    fc.property(controls, (elements) => {
      // Boxes of one name differ by value, and no text shares a name with boxes, as in real forms.
      const unique = elements.map((each, index) => ({ ...each, name: `${each.name}-${each.type}`, value: each.type === "checkbox" ? `v${index}` : each.value }));
      const filled = form(...unique.map((each) => ({ ...each })));
      const kept = fieldsOf(filled);
      const blank = form(...unique.map((each) => ({ ...each, checked: false, value: each.type === "checkbox" ? each.value : "" })));
      restore(blank, kept);
      assert.deepEqual(fieldsOf(blank), kept);
    }),
  );
});

test("only what differs from what is held is sent", () => {
  const held = { a: ["1"], b: ["x", "y"], c: [] };
  assert.deepEqual(changedFields(held, { a: ["1"], b: ["x"], c: ["on"], d: ["new"] }), { b: ["x"], c: ["on"], d: ["new"] });
});

test("what is held already is not sent again", () => {
  const fields = fc.dictionary(fc.string({ minLength: 1 }), fc.array(fc.string(), { maxLength: 3 }));
  fc.assert(fc.property(fields, (held) => Object.keys(changedFields(held, { ...held })).length === 0));
});
