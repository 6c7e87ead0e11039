// Render input blocks and read what was typed, in the shape of a view's state.

import { el } from "/page/dom.js";
import { findOption, optionNodes } from "/page/elements.js";
import { textNodes } from "/page/mrkdwn.js";

let serial = 0;

export function inputBlock(block, context) {
  const item = block.element;
  const id = `input-${(serial += 1)}`;
  const error = context.errors[block.block_id];
  const notes = [block.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].join(" ").trim();
  const held = context.values[block.block_id]?.[item.action_id] ?? {};
  const field = control(item, held, context.names);
  field.id = id;
  field.dataset.block = block.block_id;
  field.dataset.action = item.action_id;
  if (notes) field.setAttribute("aria-describedby", notes);
  if (error) field.setAttribute("aria-invalid", "true");
  if (!block.optional && item.type !== "checkboxes") field.setAttribute("aria-required", "true");
  if (block.dispatch_action) field.addEventListener("change", () => context.act(item, chosenOf(item, field)));
  const label = [textNodes(block.label, context.names), block.optional ? el("span", { class: "optional" }, " (optional)") : null];
  const caption = item.type === "checkboxes"
    ? el("span", { class: "input-label", id: `${id}-label` }, label)
    : el("label", { class: "input-label", for: id }, label);
  if (item.type === "checkboxes") field.setAttribute("aria-labelledby", `${id}-label`);
  return [caption, field,
    error ? el("p", { class: "input-error", id: `${id}-error`, role: "alert" }, error) : null,
    block.hint ? el("p", { class: "input-hint", id: `${id}-hint` }, textNodes(block.hint, context.names)) : null];
}

function control(item, held, names) {
  const placeholder = item.placeholder?.text;
  switch (item.type) {
    case "plain_text_input":
      return item.multiline
        ? el("textarea", { rows: 4, placeholder, maxlength: item.max_length, value: held.value ?? "", "data-kind": item.type })
        : el("input", { type: "text", placeholder, maxlength: item.max_length, value: held.value ?? "", "data-kind": item.type });
    case "number_input":
      return el("input", { type: "number", inputmode: item.is_decimal_allowed ? "decimal" : "numeric", step: item.is_decimal_allowed ? "any" : "1",
        min: item.min_value, max: item.max_value, placeholder, value: held.value ?? "", "data-kind": item.type });
    case "datepicker":
      return el("input", { type: "date", value: held.selected_date ?? "", "data-kind": item.type });
    case "datetimepicker":
      return el("input", { type: "datetime-local", step: "60", value: localTime(held.selected_date_time), "data-kind": item.type });
    case "checkboxes":
      return checks(item, held, names);
    default: {
      const node = el("select", { "data-kind": item.type }, el("option", { value: "" }, placeholder ?? "Choose an option"), optionNodes(item));
      node.value = held.selected_option?.value ?? "";
      return node;
    }
  }
}

// Whole minutes in the reader's own zone, as the browser's field takes them.
function localTime(seconds) {
  if (!seconds) return "";
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function checks(item, held, names) {
  const picked = new Set((held.selected_options ?? []).map((option) => option.value));
  return el("div", { class: "checks", role: "group", "data-kind": item.type }, item.options.map((option) => {
    const box = el("input", { type: "checkbox", value: option.value });
    box.checked = picked.has(option.value);
    return el("label", {}, box, el("span", {}, textNodes(option.text, names),
      option.description ? el("small", {}, textNodes(option.description, names)) : null));
  }));
}

function chosenOf(item, field) {
  if (item.type === "static_select") return findOption(item, field.value);
  if (item.type === "checkboxes") return optionsOf(item, field);
  return field.value;
}

const optionsOf = (item, field) => {
  const picked = [...field.querySelectorAll("input:checked")].map((box) => box.value);
  return item.options.filter((option) => picked.includes(option.value));
};

function stateOf(item, field) {
  const type = item.type;
  switch (type) {
    case "static_select": return { type, selected_option: field.value ? findOption(item, field.value) : null };
    case "datepicker": return { type, selected_date: field.value || null };
    case "datetimepicker": return { type, selected_date_time: field.value ? Math.floor(new Date(field.value).getTime() / 1000) : null };
    case "checkboxes": return { type, selected_options: optionsOf(item, field) };
    default: return { type, value: field.value || null };
  }
}

export function typedValues(root, view) {
  const values = {};
  for (const block of view.blocks.filter((one) => one.type === "input")) {
    const item = block.element;
    const field = [...root.querySelectorAll("[data-kind]")]
      .find((node) => node.dataset.block === block.block_id && node.dataset.action === item.action_id);
    if (field) (values[block.block_id] ??= {})[item.action_id] = stateOf(item, field);
  }
  return values;
}
