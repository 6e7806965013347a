// The dialog on top of the acting person's stack of views, and the Home tab.
import { renderBlocks } from "./blocks.js";
import { byId, complain, el, send, toast } from "./dom.js";
import { textObject } from "./mrkdwn.js";

const drafts = new Map();
let shown = "";
let errors = {};

class Form {
  constructor(viewId) {
    if (!drafts.has(viewId)) drafts.set(viewId, {});
    this.values = drafts.get(viewId);
  }

  get(blockId, actionId) {
    return this.values[blockId]?.[actionId];
  }

  set(blockId, actionId, value) {
    this.values[blockId] = { ...this.values[blockId], [actionId]: value };
  }

  // Only fields the view still has: an updated view may have lost some.
  of(view) {
    const known = new Set(view.blocks.map((block) => block.block_id));
    return Object.fromEntries(Object.entries(this.values).filter(([blockId]) => known.has(blockId)));
  }
}

export function viewUse(view, world) {
  const form = new Form(view.id);
  const act = async (block, element, value) => {
    const about = { view_id: view.id, action_id: element.action_id, value, values: form.of(view) };
    complain(await send("click", { ...about, user: world.acting }));
    await world.refresh();
  };
  return { act, form, errors, users: world.users, acting: world.acting };
}

export function showModal(world) {
  const view = (world.views[world.acting] ?? []).at(-1);
  const key = view ? `${world.acting} ${view.id} ${view.hash}` : "";
  if (key === shown) return;
  shown = key;
  errors = {};
  draw(view, world);
}

function draw(view, world) {
  const shade = byId("modal");
  shade.hidden = !view;
  shade.replaceChildren(...(view ? [dialog(view, world)] : []));
  shade.querySelector(".wrong input, .wrong textarea, textarea, input")?.focus();
}

function dialog(view, world) {
  const use = viewUse(view, world);
  const close = async () => {
    complain(await send("close", { view_id: view.id, user: world.acting }));
    await world.refresh();
  };
  const submit = async (event) => {
    event.preventDefault();
    event.target.classList.add("busy");
    await sendForm(view, use, world);
    event.target.classList.remove("busy");
  };
  const depth = (world.views[world.acting] ?? []).length;
  const closeWords = view.close ? textObject(view.close) : depth > 1 ? "Back" : "Cancel";
  return el(
    "form",
    { class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": view.title.text, novalidate: true, onsubmit: submit },
    el("header", {}, el("span", { class: "badge" }, "H"), el("h2", {}, textObject(view.title)), el("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close }, "✕")),
    el("div", { class: "dialog-body" }, renderBlocks(view.blocks, use)),
    el(
      "footer",
      {},
      el("button", { type: "button", class: "button", onclick: close }, closeWords),
      view.submit ? el("button", { type: "submit", class: "button primary" }, textObject(view.submit)) : null,
    ),
  );
}

async function sendForm(view, use, world) {
  const result = await send("submit", { view_id: view.id, values: use.form.of(view), user: world.acting });
  if (Object.keys(result.errors ?? {}).length) {
    errors = result.errors;
    draw(view, world);
  } else if (result.outcome === "failed") toast("We had some trouble connecting. Try again?");
  else complain(result);
  if (result.outcome === "close" || result.outcome === "clear") drafts.delete(view.id);
  await world.refresh();
}

export function showHome(world, list) {
  const view = world.homes[world.acting];
  const blocks = view ? renderBlocks(view.blocks, viewUse(view, world)) : [el("p", { class: "empty" }, "Nothing published here yet.")];
  list.replaceChildren(el("div", { class: "home" }, blocks));
}
