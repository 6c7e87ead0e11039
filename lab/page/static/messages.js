// Render messages and keep the lists at their end while the reader is there.

import { el, reconcile } from "/page/dom.js";
import { blocks } from "/page/blocks.js";
import { clockTime, mrkdwn } from "/page/mrkdwn.js";

export function showMessages(list, messages, context) {
  let previous = null;
  const items = messages.map((message) => {
    const follows = isFollowUp(previous, message);
    previous = message;
    return { ...message, follows };
  });
  reconcile(list, items, (item) => item.ts, (item) => messageNode(item, context));
}

// Follow the newest message, also while pictures load, unless the reader scrolled up.
export function stickToEnd(list) {
  const scroll = list.parentElement;
  let isAtEnd = true;
  let height = 0;
  scroll.addEventListener("scroll", () => {
    if (scroll.scrollHeight === height) isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  });
  new ResizeObserver(() => {
    height = scroll.scrollHeight;
    if (isAtEnd) scroll.scrollTop = height;
  }).observe(list);
  return () => { isAtEnd = true; scroll.scrollTop = scroll.scrollHeight; };
}

const isFollowUp = (previous, message) =>
  previous !== null && previous.user === message.user && !message.ephemeral && !previous.ephemeral && !previous.reply_count &&
  Number(message.ts) - Number(previous.ts) < 120;

function messageNode(message, context) {
  const kind = [message.ephemeral ? "ephemeral" : "", message.error ? "error" : "", message.follows ? "follows" : ""].join(" ");
  const author = context.names.author(message.user);
  return el("li", { class: `message ${kind}`, "data-ts": message.ts },
    el("div", { class: `avatar ${author.kind}`, "aria-hidden": "true" }, author.initials),
    el("div", { class: "message-body" },
      message.ephemeral ? el("p", { class: "only-you" }, "Only visible to you") : null,
      el("p", { class: "byline" },
        el("span", { class: "author" }, author.name),
        author.kind === "bot" ? el("span", { class: "app-badge" }, "APP") : null,
        stamp(message)),
      contents(message, context),
      el("div", { class: "message-acts" }, threadLink(message, context), shortcut(message, context))));
}

function shortcut(message, context) {
  if (!context.shortcut || message.ephemeral) return null;
  return el("button", { type: "button", class: "thread-link quiet shortcut", onclick: () => context.shortcut(message) }, "Triage with Autopilot");
}

function contents(message, context) {
  const words = { ...context, act: (item, blockId, chosen) => context.click(message, item, blockId, chosen) };
  if (message.blocks) return el("div", { class: "blocks" }, blocks(message.blocks, words));
  return el("div", { class: "words" }, mrkdwn(message.text, context.names),
    message.edited ? el("span", { class: "edited" }, " (edited)") : null);
}

function stamp(message) {
  const when = new Date(Number(message.ts) * 1000);
  return el("time", { datetime: when.toISOString(), title: when.toLocaleString() }, clockTime(when));
}

function threadLink(message, context) {
  if (!context.openThread || message.ephemeral) return null;
  const count = message.reply_count ?? 0;
  const label = count === 0 ? "Reply in thread" : `${count} ${count === 1 ? "reply" : "replies"}`;
  return el("button", { type: "button", class: `thread-link ${count ? "" : "quiet"}`, onclick: () => context.openThread(message.ts) },
    label, count ? el("span", { class: "last-reply" }, ` last at ${clockTime(new Date(Number(message.latest_reply) * 1000))}`) : null);
}
