// Render Block Kit blocks.

import { el } from "/page/dom.js";
import { element, picture } from "/page/elements.js";
import { textNodes } from "/page/mrkdwn.js";
import { markdownBlock, richText } from "/page/rich_text.js";

export function blocks(list, context) {
  return list.map((block) => el("div", { class: `block ${block.type}`, "data-block": block.block_id }, content(block, inBlock(block, context))));
}

const inBlock = (block, context) => ({
  ...context,
  act: (item, chosen) => context.act(item, block.block_id, chosen),
});

function content(block, context) {
  switch (block.type) {
    case "section": return section(block, context);
    case "header": return el("h3", {}, textNodes(block.text, context.names));
    case "context": return block.elements.map((item) => contextItem(item, context));
    case "divider": return el("hr");
    case "actions": return block.elements.map((item) => element(item, context));
    case "image": return image(block, context);
    case "rich_text": return richText(block, context.names);
    case "markdown": return markdownBlock(block.text);
    case "input": return context.input(block, context);
    default: return el("span", { class: "unknown" }, `[${block.type}]`);
  }
}

function section(block, context) {
  const words = el("div", { class: "section-words" });
  if (block.text) words.append(el("div", { class: "section-text" }, textNodes(block.text, context.names)));
  if (block.fields) {
    words.append(el("div", { class: "fields" }, block.fields.map((field) => el("div", { class: "field" }, textNodes(field, context.names)))));
  }
  return [words, block.accessory ? el("div", { class: "accessory" }, element(block.accessory, context)) : null];
}

function contextItem(item, context) {
  if (item.type === "image") return picture(item.image_url, item.alt_text, "context-image");
  return el("span", { class: "context-text" }, textNodes(item, context.names));
}

function image(block, context) {
  return el("figure", {},
    block.title ? el("figcaption", {}, textNodes(block.title, context.names)) : null,
    picture(block.slack_file ? `/lab/files/${encodeURIComponent(block.slack_file.id)}` : block.image_url, block.alt_text, "block-image"));
}
