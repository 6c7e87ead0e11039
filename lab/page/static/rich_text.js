// Render rich_text blocks, and the little Markdown that `markdown` blocks use.

import { el } from "/page/dom.js";
import { emoji } from "/page/emoji.js";
import { brokenLines, link } from "/page/mrkdwn.js";

export function richText(block, names) {
  return block.elements.map((element) => richElement(element, names));
}

function richElement(element, names) {
  const leaves = () => element.elements.map((leaf) => richLeaf(leaf, names));
  switch (element.type) {
    case "rich_text_preformatted": return el("pre", {}, leaves());
    case "rich_text_quote": return el("blockquote", {}, leaves());
    case "rich_text_list": {
      const items = element.elements.map((item) => el("li", {}, richElement(item, names)));
      return el(element.style === "ordered" ? "ol" : "ul", { class: `rich indent-${element.indent ?? 0}` }, items);
    }
    default: return el("p", { class: "rich" }, leaves());
  }
}

function richLeaf(leaf, names) {
  const style = leaf.style ?? {};
  let node = leafNode(leaf, names);
  if (style.code) node = el("code", {}, node);
  if (style.bold) node = el("strong", {}, node);
  if (style.italic) node = el("em", {}, node);
  if (style.strike) node = el("s", {}, node);
  return node;
}

function leafNode(leaf, names) {
  switch (leaf.type) {
    case "link": return link(leaf.url, leaf.text ?? leaf.url);
    case "emoji": return el("span", {}, brokenLines(emoji(leaf.name)));
    case "user": return el("span", { class: "mention" }, `@${names.person(leaf.user_id) ?? leaf.user_id}`);
    case "channel": return el("span", { class: "mention" }, `#${names.channel(leaf.channel_id) ?? leaf.channel_id}`);
    case "broadcast": return el("span", { class: "mention ping" }, `@${leaf.range}`);
    case "date": return new Date(leaf.timestamp * 1000).toLocaleString("en-GB");
    default: return el("span", {}, brokenLines(leaf.text ?? ""));
  }
}

export function markdownBlock(text) {
  const nodes = [];
  let list = null;
  const pieces = text.split(/```[^\n]*\n?([\s\S]*?)```/);
  pieces.forEach((piece, index) => {
    if (index % 2) { nodes.push(el("pre", {}, piece.replace(/\n$/, ""))); list = null; return; }
    for (const line of piece.split("\n")) {
      const item = /^\s*(?:[-*]|\d+\.)\s+(.*)$/.exec(line);
      const heading = /^#{1,6}\s+(.*)$/.exec(line);
      if (item) {
        if (!list) nodes.push((list = el("ul", { class: "rich" })));
        list.append(el("li", {}, markdownInline(item[1])));
        continue;
      }
      list = null;
      if (heading) nodes.push(el("p", { class: "rich heading" }, markdownInline(heading[1])));
      else if (line.trim()) nodes.push(el("p", { class: "rich" }, markdownInline(line)));
    }
  });
  return nodes;
}

function markdownInline(text) {
  const token = /`([^`]+)`|\*\*(.+?)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|(?<!\w)[*_](\S.*?)[*_](?!\w)/g;
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(token)) {
    nodes.push(text.slice(last, match.index));
    if (match[1]) nodes.push(el("code", {}, match[1]));
    else if (match[2]) nodes.push(el("strong", {}, match[2]));
    else if (match[3]) nodes.push(link(match[4], match[3]));
    else nodes.push(el("em", {}, match[5]));
    last = match.index + match[0].length;
  }
  return [...nodes, text.slice(last)];
}
