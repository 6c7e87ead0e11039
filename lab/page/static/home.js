// The app's own place: its Home, the messages with it, and its global shortcut.

import { byId, el, reconcile, toast } from "/page/dom.js";
import { post } from "/page/api.js";
import { blocks } from "/page/blocks.js";

let shown = null;

export function showApps(looking, workspace, go) {
  const direct = workspace.channels.find((one) => one.is_im);
  const items = [
    { id: "home", name: "Home", mark: "⌂", isCurrent: looking.channel === "home" },
    { id: direct.id, name: "Messages", mark: "✉", isCurrent: looking.channel === direct.id },
    { id: "shortcut", name: "Open a task", mark: "⚡", isCurrent: false },
  ];
  const act = (item) => (item.id === "shortcut" ? openTask(looking.user) : go(item.id));
  reconcile(byId("apps"), items, (item) => item.id, (item) => el("li", {},
    el("button", { type: "button", class: "channel", "aria-current": item.isCurrent ? "page" : null, onclick: () => act(item) },
      el("span", { "aria-hidden": "true" }, `${item.mark} `), item.name)));
}

// Say whether Home is looked at; then it stands in place of the messages.
export function showHome(isHome, home, context) {
  byId("home-scroll").hidden = !isHome;
  byId("messages-scroll").hidden = isHome;
  byId("composer").hidden = isHome;
  const print = isHome ? JSON.stringify([home, context.user]) : null;
  if (!isHome || print === shown) return isHome;
  shown = print;
  const act = (item, blockId, chosen) => clickIn(home.view, item, blockId, chosen, context);
  byId("home").replaceChildren(...(home ? blocks(home.view.blocks, { ...context, act }) : [el("p", {}, "The app has shown nothing yet.")]));
  return true;
}

export async function openHome(user) {
  shown = null;
  await told("/lab/act/home", { user });
}

const openTask = (user) => told("/lab/act/shortcut", { user, callback_id: "ops_open_task" });

const clickIn = (view, item, blockId, chosen, context) => told("/lab/act/click", {
  user: context.user, view_id: view.id, action_id: item.action_id, block_id: blockId,
  ...(item.type === "button" ? { value: item.value ?? null } : { selected: chosen }),
});

async function told(path, body) {
  try {
    const outcome = await post(path, body);
    if (outcome.ok === false) toast(`The app did not respond (${outcome.body || outcome.status}).`, "bad");
  } catch (refusal) {
    toast(refusal.message, "bad");
  }
}
