// Show the person's open view as a modal dialog.

import { byId, el, toast } from "/page/dom.js";
import { post } from "/page/api.js";
import { blocks } from "/page/blocks.js";
import { inputBlock, typedValues } from "/page/inputs.js";
import { textNodes } from "/page/mrkdwn.js";

let shown = null;

export function showModal(opened, context) {
  const dialog = byId("modal");
  const print = opened ? JSON.stringify([opened, context.user]) : null;
  if (print === (shown?.print ?? null)) return;
  if (!opened) {
    shown = null;
    if (dialog.open) dialog.close();
    return;
  }
  const isSame = shown?.view.id === opened.view.id;
  const typed = isSame ? typedValues(dialog, shown.view) : {};
  const focused = isSame ? focusedPlace(dialog) : null;
  shown = { print, view: opened.view };
  dialog.replaceChildren(form(opened, mergeTyped(opened.view, typed), context));
  if (!dialog.open) dialog.showModal();
  restoreFocus(dialog, focused, opened.errors);
}

const focusedPlace = (dialog) => {
  const node = document.activeElement;
  return dialog.contains(node) ? [node.dataset.block, node.dataset.action] : null;
};

function restoreFocus(dialog, place, errors) {
  const fields = [...dialog.querySelectorAll("[data-kind]")];
  const wrong = fields.find((field) => errors[field.dataset.block]);
  const same = place && fields.find((field) => field.dataset.block === place[0] && field.dataset.action === place[1]);
  (wrong ?? same ?? (place ? null : fields[0]))?.focus();
}

// What was typed wins over the view's state where the block is still there.
function mergeTyped(view, typed) {
  const values = structuredClone(view.state?.values ?? {});
  for (const [block, fields] of Object.entries(typed)) {
    for (const [action, held] of Object.entries(fields)) {
      if (values[block]?.[action]) values[block][action] = held;
    }
  }
  return values;
}

function form(opened, values, context) {
  const { view, errors, trouble } = opened;
  const inner = { ...context, errors, values, input: inputBlock, act: (item, blockId, chosen) => clickInView(item, blockId, chosen, context) };
  const submit = view.submit
    ? el("button", { type: "submit", class: "block-button primary", disabled: view.submit_disabled }, textNodes(view.submit, context.names))
    : null;
  return el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); send(submit, context); } },
    el("header", { class: "dialog-head" },
      el("h2", { id: "modal-title" }, textNodes(view.title, context.names)),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => closeView(context) }, "✕")),
    el("div", { class: "dialog-body" }, trouble ? el("p", { class: "trouble", role: "alert" }, trouble) : null, blocks(view.blocks, inner)),
    el("footer", { class: "dialog-actions" },
      el("button", { type: "button", class: "block-button", onclick: () => closeView(context) }, view.close ? textNodes(view.close, context.names) : "Cancel"),
      submit));
}

async function send(button, context) {
  if (!button || button.disabled) return;
  button.disabled = true;
  button.classList.add("busy");
  button.setAttribute("aria-busy", "true");
  try {
    await post("/lab/act/submit", { user: context.user, view_id: shown.view.id, values: typedValues(byId("modal"), shown.view) });
  } catch (refusal) {
    if (!refusal.errors) toast(refusal.message, "bad");
  }
  button.disabled = false;
  button.classList.remove("busy");
  button.removeAttribute("aria-busy");
}

async function clickInView(item, blockId, chosen, context) {
  try {
    await post("/lab/act/click", {
      user: context.user, view_id: shown.view.id, action_id: item.action_id, block_id: blockId,
      ...(item.type === "button" ? {} : { selected: chosen }), values: typedValues(byId("modal"), shown.view),
    });
  } catch (refusal) {
    toast(refusal.message, "bad");
  }
}

export async function closeView(context) {
  if (!shown) return;
  try {
    await post("/lab/act/close", { user: context.user, view_id: shown.view.id });
  } catch (refusal) {
    toast(refusal.message, "bad");
  }
}
