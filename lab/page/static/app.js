// Hold what the reader looks at, fetch the workspace at every change, and show it.

import { byId, el, reconcile, toast } from "/page/dom.js";
import { get, post, watch } from "/page/api.js";
import { composer } from "/page/composer.js";
import { showMessages, stickToEnd } from "/page/messages.js";
import { closeView, showModal } from "/page/modal.js";
import { panel } from "/page/panel.js";
import { openHome, showApps, showHome } from "/page/home.js";

const address = new URLSearchParams(location.search);
const looking = {
  user: address.get("user") ?? "U0OPERATOR",
  channel: address.get("channel") ?? "C0RELIABILITY",
  thread: address.get("thread"),
};
const seen = {};
let workspace = null;
let composers = null;
let moved = () => {};

const person = (id) => workspace.people.find((one) => one.id === id);
const names = {
  person: (id) => person(id)?.real_name,
  channel: (id) => workspace.channels.find((one) => one.id === id)?.name,
  author: (id) => {
    const found = person(id);
    const name = found?.real_name ?? "Slackbot";
    const initials = name.split(" ").map((word) => word[0]).join("");
    return { name, initials, kind: found?.is_bot ? "bot" : (found?.name ?? "slackbot") };
  },
};

const context = () => ({ names, user: looking.user, click });

async function click(message, item, blockId, chosen) {
  try {
    await post("/lab/act/click", {
      user: looking.user, channel: message.channel, message_ts: message.ts, action_id: item.action_id, block_id: blockId,
      ...(item.type === "button" ? { value: item.value ?? null } : { selected: chosen }),
    });
  } catch (refusal) {
    toast(refusal.message, "bad");
  }
}

function look(change, pane) {
  Object.assign(looking, change);
  const query = new URLSearchParams({ channel: looking.channel, user: looking.user });
  if (looking.thread) query.set("thread", looking.thread);
  history.replaceState(null, "", `/?${query}`);
  if (pane) byId("frame").dataset.pane = pane;
  if (workspace) show();
  moved();
}

function show() {
  const inChannel = workspace.messages.filter((one) => one.channel === looking.channel);
  const main = inChannel.filter((one) => !one.thread_ts || one.thread_ts === one.ts);
  showChannels();
  showPeople();
  showApps(looking, workspace, (channel) => go(channel));
  showModal(workspace.view, context());
  const isHome = showHome(looking.channel === "home", workspace.home, context());
  const channel = workspace.channels.find((one) => one.id === looking.channel) ?? workspace.channels[0];
  const name = isHome ? "Ops Autopilot" : channel.is_im ? "Ops Autopilot" : `# ${channel.name}`;
  byId("channel-name").textContent = name;
  byId("channel-topic").textContent = isHome ? "Home" : channel.is_im ? "You and the app alone" : channel.topic.value;
  document.title = `${name.replace("# ", "#")} – GenMe lab`;
  if (isHome) {
    showThread([], channel);
    return;
  }
  showMessages(byId("messages"), main, { ...context(), shortcut: triage, openThread: (ts) => look({ thread: ts }, "thread") });
  showThread(inChannel, channel);
  composers.main.describe(channel.is_im ? "Say it to Ops Autopilot: tasks, why 3fa9, help" : `Message #${channel.name}, or /ops`);
}

function go(channel) {
  look({ channel, thread: null }, "messages");
  if (channel === "home") openHome(looking.user);
}

async function triage(message) {
  try {
    await post("/lab/act/shortcut", { user: looking.user, callback_id: "ops_triage_message", channel: message.channel, message_ts: message.ts });
  } catch (refusal) {
    toast(refusal.message, "bad");
  }
}

function showThread(inChannel, channel) {
  const thread = inChannel.filter((one) => one.ts === looking.thread || one.thread_ts === looking.thread);
  const isOpen = Boolean(looking.thread) && thread.length > 0;
  byId("thread").hidden = !isOpen;
  byId("frame").classList.toggle("with-thread", isOpen);
  if (!isOpen && byId("frame").dataset.pane === "thread") byId("frame").dataset.pane = "messages";
  byId("thread-channel").textContent = channel.is_im ? "Ops Autopilot" : `# ${channel.name}`;
  showMessages(byId("thread-messages"), isOpen ? thread : [], { ...context(), shortcut: triage });
}

function showChannels() {
  const newest = {};
  for (const message of workspace.messages) newest[message.channel] = message.ts;
  seen[looking.channel] = newest[looking.channel];
  const items = workspace.channels.filter((channel) => !channel.is_im).map((channel) => ({
    id: channel.id, name: channel.name, isCurrent: channel.id === looking.channel,
    isUnread: (newest[channel.id] ?? "") > (seen[channel.id] ?? ""),
  }));
  reconcile(byId("channels"), items, (item) => item.id, (item) => el("li", {},
    el("button", {
      type: "button", class: `channel ${item.isUnread ? "unread" : ""}`, "aria-current": item.isCurrent ? "page" : null,
      onclick: () => go(item.id),
    }, el("span", { "aria-hidden": "true" }, "# "), item.name, item.isUnread ? el("span", { class: "unread-dot", title: "unread" }, "•") : null)));
}

function showPeople() {
  const group = byId("people");
  const people = workspace.people.filter((one) => !one.is_bot);
  if (!group.querySelector("label")) {
    for (const one of people) {
      const author = names.author(one.id);
      group.append(el("label", { title: one.real_name },
        el("input", { type: "radio", name: "person", value: one.id, onchange: () => become(one.id) }),
        el("span", { class: `avatar small ${author.kind}`, "aria-hidden": "true" }, author.initials),
        el("span", { class: "person-name" }, one.name)));
    }
  }
  for (const radio of group.querySelectorAll("input")) radio.checked = radio.value === looking.user;
}

// A direct message is one person's; whoever comes after looks at their own.
function become(user) {
  const isDirect = looking.channel.startsWith("D");
  look({ user, ...(isDirect ? { channel: `D${user.slice(1)}`, thread: null } : {}) });
  if (looking.channel === "home") openHome(user);
  load();
}

let isLoading = false;
let isStale = false;
async function load() {
  isStale = true;
  if (isLoading) return;
  isLoading = true;
  while (isStale) {
    isStale = false;
    try {
      workspace = await get(`/lab/workspace?user=${encodeURIComponent(looking.user)}`);
      show();
    } catch (refusal) {
      toast(refusal.message, "bad");
    }
  }
  isLoading = false;
}

function showLive(isLive) {
  byId("live").textContent = isLive ? "live" : "reconnecting…";
  byId("live").classList.toggle("off", !isLive);
}

function start() {
  composers = {
    main: composer(byId("composer"), () => ({ user: looking.user, channel: looking.channel })),
    thread: composer(byId("thread-composer"), () => ({ user: looking.user, channel: looking.channel, thread: looking.thread })),
  };
  const toEnd = [stickToEnd(byId("messages")), stickToEnd(byId("thread-messages"))];
  moved = () => toEnd.forEach((go) => go());
  composers.thread.describe("Reply in thread, or /ops");
  byId("thread-close").addEventListener("click", () => look({ thread: null }, "messages"));
  byId("side-open").addEventListener("click", () => { byId("frame").dataset.pane = "side"; });
  byId("side-close").addEventListener("click", () => { byId("frame").dataset.pane = "messages"; });
  byId("modal").addEventListener("cancel", (event) => { event.preventDefault(); closeView(context()); });
  if (looking.thread) byId("frame").dataset.pane = "thread";
  panel();
  watch(load, showLive);
  if (looking.channel === "home") openHome(looking.user);
  load();
}

start();
