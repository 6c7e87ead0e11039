// A message field that knows slash commands.

import { el, toast } from "/page/dom.js";
import { post } from "/page/api.js";

export function composer(place, where) {
  const field = el("textarea", {
    rows: 1, class: "compose-field", "aria-label": "Message, or a command that starts with /ops",
    placeholder: "Message, or /ops", enterkeyhint: "send",
  });
  const send = el("button", { class: "send", type: "submit", "aria-label": "Send" }, "➤");
  const form = el("form", { class: "compose", onsubmit: (event) => { event.preventDefault(); submit(field, where()); } }, field, send);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  field.addEventListener("input", () => {
    field.rows = Math.min(6, field.value.split("\n").length);
    form.classList.toggle("command", field.value.startsWith("/"));
  });
  place.replaceChildren(form);
  return { describe: (text) => field.setAttribute("placeholder", text) };
}

async function submit(field, { user, channel, thread }) {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  field.dispatchEvent(new Event("input"));
  const spot = { user, channel, ...(thread ? { thread_ts: thread } : {}) };
  try {
    if (text.startsWith("/")) await command(text, spot);
    else await post("/lab/act/say", { ...spot, text });
  } catch (refusal) {
    field.value = text;
    toast(refusal.message, "bad");
  }
  field.focus();
}

async function command(text, spot) {
  const [name, ...words] = text.split(/\s+/);
  await post("/lab/act/command", { ...spot, command: name, text: words.join(" ") });
}
