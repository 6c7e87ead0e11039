// Turn Slack's mrkdwn into DOM nodes.

import { el } from "/page/dom.js";
import { emoji, withEmoji } from "/page/emoji.js";
import { withMarks } from "/page/marks.js";

const TOKEN = new RegExp(
  [
    "```\\n?(?<pre>[\\s\\S]+?)\\n?```",
    "`(?<code>[^`\\n]+)`",
    "<(?<link>[^<>\\n]+)>",
    "(?<![\\p{L}\\p{N}*])\\*(?=\\S)(?<bold>[^*\\n]*?\\S)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?=\\S)(?<italic>[^_\\n]*?\\S)_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?=\\S)(?<strike>[^~\\n]*?\\S)~(?![\\p{L}\\p{N}~])",
    ":(?<emoji>[a-z0-9_+-]+):",
  ].join("|"),
  "gu",
);

const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function mrkdwn(text, names) {
  const parts = [];
  let quoted = [];
  const endQuote = () => {
    if (quoted.length) parts.push(el("blockquote", {}, lines(quoted.join("\n"), names)));
    quoted = [];
  };
  let plain = [];
  const endPlain = () => {
    if (plain.length) parts.push(el("span", { class: "text" }, lines(plain.join("\n"), names)));
    plain = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (quote) { endPlain(); quoted.push(quote[1]); }
    else { endQuote(); plain.push(line); }
  }
  endQuote();
  endPlain();
  return parts;
}

function lines(text, names) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(...plainNodes(text.slice(last, match.index)));
    nodes.push(tokenNode(match.groups, names));
    last = match.index + match[0].length;
  }
  nodes.push(...plainNodes(text.slice(last)));
  return nodes;
}

// Line breaks become elements, state emoji become marks.
export const brokenLines = (text) =>
  text.split("\n").flatMap((line, index) => (index ? [el("br"), ...withMarks(line)] : withMarks(line)));

function plainNodes(text) {
  return brokenLines(unescape(text));
}

function tokenNode(token, names) {
  if (token.pre !== undefined) return el("pre", {}, unescape(token.pre));
  if (token.code !== undefined) return el("code", {}, unescape(token.code));
  if (token.bold !== undefined) return el("strong", {}, lines(token.bold, names));
  if (token.italic !== undefined) return el("em", {}, lines(token.italic, names));
  if (token.strike !== undefined) return el("s", {}, lines(token.strike, names));
  if (token.emoji !== undefined) return el("span", {}, withMarks(emoji(token.emoji)));
  return angleNode(token.link, names);
}

function angleNode(content, names) {
  const [target, label] = splitOnce(content, "|");
  if (target.startsWith("@")) return el("span", { class: "mention" }, `@${names.person(target.slice(1)) ?? label ?? target}`);
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${names.channel(target.slice(1)) ?? label ?? target}`);
  if (target.startsWith("!date^")) return dateNode(target, label);
  if (target.startsWith("!subteam^")) return el("span", { class: "mention" }, label ?? "@group");
  if (target.startsWith("!")) return el("span", { class: "mention ping", title: "This would notify people" }, `@${label ?? target.slice(1)}`);
  return link(unescape(target), label === undefined ? unescape(target) : withEmoji(unescape(label)));
}

// A message's address in this workspace leads to it here: there is no other Slack.
const PERMALINK = /^https:\/\/genme\.slack\.com\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})(?:\?thread_ts=(\d+\.\d+))?/;

function inPlace(channel, seconds, micros, thread) {
  const user = new URLSearchParams(location.search).get("user");
  const query = new URLSearchParams({ channel, thread: thread ?? `${seconds}.${micros}`, ...(user ? { user } : {}) });
  return `/?${query}`;
}

export function link(url, label) {
  const here = PERMALINK.exec(url);
  if (here) return el("a", { href: inPlace(...here.slice(1)) }, label);
  if (!/^(https?:|mailto:)/i.test(url)) return document.createTextNode(label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

function dateNode(target, fallback) {
  const [, seconds, format, url] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return document.createTextNode(fallback ?? "");
  const text = (format ?? "").replace(/\{(\w+)\}/g, (whole, name) => dateWord(when, name) ?? whole);
  const time = el("time", { datetime: when.toISOString(), title: when.toLocaleString() }, text);
  return url ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, time) : time;
}

function dateWord(when, name) {
  const date = (options) => when.toLocaleDateString("en-GB", options);
  const words = {
    date_num: when.toISOString().slice(0, 10),
    date: date({ day: "numeric", month: "long", year: "numeric" }),
    date_short: date({ day: "numeric", month: "short", year: "numeric" }),
    date_long: date({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    time: clockTime(when),
    time_secs: when.toLocaleTimeString("en-GB"),
    ago: ago(when),
  };
  const isToday = when.toDateString() === new Date().toDateString();
  words.date_pretty = isToday ? "today" : words.date;
  words.date_short_pretty = isToday ? "today" : words.date_short;
  words.date_long_pretty = isToday ? "today" : words.date_long;
  return words[name];
}

export const clockTime = (when) => when.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function ago(when) {
  const seconds = Math.round((when.getTime() - Date.now()) / 1000);
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (Math.abs(seconds) < 90) return format.format(seconds, "second");
  return Math.abs(seconds) < 5400
    ? format.format(Math.round(seconds / 60), "minute")
    : format.format(Math.round(seconds / 3600), "hour");
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

// A text composition object of either kind.
export function textNodes(text, names) {
  if (!text) return [];
  if (text.type === "mrkdwn") return mrkdwn(text.text, names);
  return brokenLines(withEmoji(text.text));
}
