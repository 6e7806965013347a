// Block Kit blocks as DOM nodes. `use` is told of every click: use.act(block, element, value);
// in views `use.form` keeps what fields hold and `use.errors` says what is wrong with them.
import { el } from "./dom.js";
import { control } from "./inputs.js";
import { emoji, link, mention, mrkdwn, textObject, userMention } from "./mrkdwn.js";

export function renderBlocks(blocks, use) {
  return blocks.map((block) => (BLOCKS[block.type] ?? unknown)(block, use));
}

const BLOCKS = {
  header: (block) => el("h3", { class: "block-header" }, textObject(block.text)),
  divider: () => el("hr"),
  section,
  context,
  actions: (block, use) => el("div", { class: "block-actions" }, block.elements.map((one) => control(block, one, use))),
  image: (block) => picture(block),
  markdown: (block) => el("div", { class: "block-text" }, mrkdwn(block.text)),
  rich_text: (block) => el("div", { class: "block-rich" }, block.elements.map(richPart)),
  input,
  table,
};

function section(block, use) {
  const body = el("div", { class: "block-text" });
  if (block.text) body.append(el("div", {}, textObject(block.text)));
  if (block.fields) {
    body.append(el("div", { class: "block-fields" }, block.fields.map((one) => el("div", {}, textObject(one)))));
  }
  const accessory = block.accessory?.type === "image" ? picture(block.accessory) : null;
  const side = accessory ?? (block.accessory ? control(block, block.accessory, use) : null);
  return el("div", { class: "block-section" }, body, side);
}

function context(block) {
  const parts = block.elements.map((one) => (one.type === "image" ? picture(one) : el("span", {}, textObject(one))));
  return el("div", { class: "block-context" }, parts);
}

// Pictures from elsewhere are not loaded: the page talks to nobody but its own server.
function picture(block) {
  return el("span", { class: "picture", title: block.image_url ?? "" }, emoji("camera"), ` ${block.alt_text}`);
}

function input(block, use) {
  const error = use.errors?.[block.block_id];
  const label = el("span", { class: "label" }, textObject(block.label));
  if (block.optional) label.append(el("span", { class: "optional" }, " (optional)"));
  const kind = ["radio_buttons", "checkboxes"].includes(block.element.type) ? "fieldset" : "label";
  return el(
    kind,
    { class: error ? "block-input wrong" : "block-input" },
    kind === "fieldset" ? el("legend", {}, label) : label,
    control(block, block.element, use),
    block.hint ? el("span", { class: "hint" }, textObject(block.hint)) : null,
    error ? el("span", { class: "error", role: "alert" }, error) : null,
  );
}

function table(block) {
  const cell = (one) => el("td", {}, one.type === "rich_text" ? one.elements.map(richPart) : one.text ?? "");
  return el("table", { class: "block-table" }, block.rows.map((row) => el("tr", {}, row.map(cell))));
}

const RICH = {
  rich_text_section: (part) => el("div", {}, part.elements.map(richLeaf)),
  rich_text_quote: (part) => el("blockquote", {}, part.elements.map(richLeaf)),
  rich_text_preformatted: (part) => el("pre", {}, part.elements.map(richLeaf)),
  rich_text_list: (part) => {
    const items = part.elements.map((item) => el("li", {}, item.elements.map(richLeaf)));
    return el(part.style === "ordered" ? "ol" : "ul", { start: part.offset ? part.offset + 1 : null }, items);
  },
};

const richPart = (part) => (RICH[part.type] ?? unknown)(part);

const LEAVES = {
  text: (leaf) => el("span", { class: "literal" }, leaf.text),
  link: (leaf) => link(leaf.url, leaf.text),
  emoji: (leaf) => emoji(leaf.name, leaf.unicode),
  user: (leaf) => userMention(leaf.user_id),
  usergroup: (leaf) => mention(`@${leaf.usergroup_id}`),
  channel: (leaf) => mention(`#${leaf.channel_id}`),
  broadcast: (leaf) => mention(`@${leaf.range}`),
  date: (leaf) => el("span", {}, mrkdwn(`<!date^${leaf.timestamp}^${leaf.format}|${leaf.fallback ?? ""}>`)),
};
const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code" };

function richLeaf(leaf) {
  const node = (LEAVES[leaf.type] ?? unknown)(leaf);
  const styles = Object.keys(STYLES).filter((style) => leaf.style?.[style]);
  return styles.reduce((inner, style) => el(STYLES[style], {}, inner), node);
}

const unknown = (part) => el("span", { class: "unknown" }, `[${part.type}]`);
