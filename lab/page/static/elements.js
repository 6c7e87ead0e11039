// Render interactive elements; `act(element, chosen)` tells the lab and resolves when it answered.

import { byId, el } from "/page/dom.js";
import { textNodes } from "/page/mrkdwn.js";
import { withEmoji } from "/page/emoji.js";

export function element(item, context) {
  switch (item.type) {
    case "button": return button(item, context);
    case "static_select": return select(item, context);
    case "overflow": return overflow(item, context);
    case "datepicker": return datepicker(item, context);
    case "checkboxes": return checkboxes(item, context);
    case "image": return picture(item.image_url, item.alt_text, "accessory-image");
    default: return el("span", { class: "unknown" }, `[${item.type}]`);
  }
}

function button(item, context) {
  const node = el("button", {
    type: "button",
    class: `block-button ${item.style ?? ""}`,
    "aria-label": item.accessibility_label,
    "data-action": item.action_id,
    onclick: async () => {
      if (item.url) window.open(item.url, "_blank", "noopener,noreferrer");
      await acting(node, item, context);
    },
  }, textNodes(item.text, context.names));
  return node;
}

async function acting(node, item, context, chosen) {
  if (item.confirm && !(await confirmed(item.confirm, context.names))) return;
  node.disabled = true;
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
  await context.act(item, chosen);
  node.disabled = false;
  node.classList.remove("busy");
  node.removeAttribute("aria-busy");
}

export function confirmed(confirm, names) {
  const dialog = byId("confirm");
  return new Promise((resolve) => {
    dialog.replaceChildren(
      el("form", { method: "dialog" },
        el("h2", { id: "confirm-title" }, textNodes(confirm.title, names)),
        el("div", { class: "confirm-text" }, textNodes(confirm.text, names)),
        el("div", { class: "dialog-actions" },
          el("button", { value: "deny", class: "block-button" }, textNodes(confirm.deny, names)),
          el("button", { value: "confirm", class: `block-button ${confirm.style ?? "primary"}` }, textNodes(confirm.confirm, names)))));
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue === "confirm");
    dialog.showModal();
  });
}

export function optionNodes(item) {
  const nodes = (options) => (options ?? []).map((option) => el("option", { value: option.value }, withEmoji(option.text.text)));
  if (!item.option_groups) return nodes(item.options);
  return item.option_groups.map((group) => el("optgroup", { label: group.label.text }, nodes(group.options)));
}

export function findOption(item, value) {
  const all = item.option_groups ? item.option_groups.flatMap((group) => group.options) : item.options;
  return all.find((option) => option.value === value) ?? null;
}

function select(item, context) {
  const node = el("select", {
    class: "block-select",
    "aria-label": item.placeholder?.text ?? "Choose",
    onchange: () => acting(node, item, context, findOption(item, node.value)),
  }, el("option", { value: "", disabled: true }, item.placeholder?.text ?? "Choose an option"), optionNodes(item));
  node.value = item.initial_option?.value ?? "";
  return node;
}

function overflow(item, context) {
  const menu = el("div", { class: "overflow-menu", role: "menu" });
  const toggle = el("button", { type: "button", class: "block-button overflow-toggle", "aria-label": "More actions", "aria-haspopup": "menu" }, "⋯");
  const details = el("div", { class: "overflow" }, toggle, menu);
  const show = (open) => { menu.hidden = !open; toggle.setAttribute("aria-expanded", String(open)); };
  for (const option of item.options) {
    menu.append(el("button", {
      type: "button", role: "menuitem",
      onclick: () => { show(false); acting(toggle, item, context, option); },
    }, textNodes(option.text, context.names)));
  }
  toggle.addEventListener("click", () => { show(menu.hidden); if (!menu.hidden) menu.firstElementChild?.focus(); });
  details.addEventListener("keydown", (event) => { if (event.key === "Escape") { show(false); toggle.focus(); event.stopPropagation(); } });
  details.addEventListener("focusout", (event) => { if (!details.contains(event.relatedTarget)) show(false); });
  show(false);
  return details;
}

function datepicker(item, context) {
  const node = el("input", {
    type: "date", class: "block-select", "aria-label": item.placeholder?.text ?? "Date", value: item.initial_date ?? "",
    onchange: () => acting(node, item, context, node.value),
  });
  return node;
}

function checkboxes(item, context) {
  const group = el("div", { class: "checks" });
  const picked = new Set((item.initial_options ?? []).map((option) => option.value));
  for (const option of item.options) {
    const box = el("input", { type: "checkbox", value: option.value, onchange: () => {
      if (box.checked) picked.add(option.value); else picked.delete(option.value);
      acting(box, item, context, item.options.filter((one) => picked.has(one.value)));
    } });
    box.checked = picked.has(option.value);
    group.append(el("label", {}, box, el("span", {}, textNodes(option.text, context.names))));
  }
  return group;
}

export function picture(url, alt, kind) {
  const node = el("img", { class: kind, src: url, alt, loading: "lazy" });
  node.addEventListener("error", () => node.replaceWith(el("span", { class: "image-gone" }, `🖼 ${alt}`)), { once: true });
  return node;
}
