// Every scene as Slack's client would draw it; `document.body.dataset.drawn` says when all stand.
import { renderBlocks } from "./blocks.js";
import { byId, el } from "./dom.js";
import { learnNames, mrkdwn, textObject } from "./mrkdwn.js";

const { scenes, users, channels } = await (await fetch("/scenes.json")).json();

// All scenes stand in one document, so each names its choices by itself.
function use(scene) {
  const values = new Map();
  const form = { get: (block, action) => values.get(`${block} ${action}`), set: (block, action, value) => values.set(`${block} ${action}`, value), of: () => ({}) };
  return { act: async () => {}, scope: `${scene.name} `, form, errors: {}, users };
}

function message(scene) {
  const head = el("div", { class: "head" }, el("strong", {}, "Heed"), el("span", { class: "app-mark" }, "APP"), el("time", {}, "09:00"));
  const card = scene.blocks.some((block) => ["header", "actions"].includes(block.type) || block.accessory);
  const body = el("div", { class: card ? "card" : "text" }, renderBlocks(scene.blocks, use(scene)));
  const shown = el("article", { class: "message" }, el("div", { class: "face app" }, "H"), el("div", { class: "main" }, head, body));
  return [shown, el("div", { class: "notification" }, mrkdwn(scene.text))];
}

function modal(scene) {
  const view = scene.view;
  const close = el("button", { type: "button", class: "button" }, view.close ? textObject(view.close) : "Cancel");
  const submit = view.submit ? el("button", { type: "button", class: "button primary" }, textObject(view.submit)) : null;
  const header = el("header", {}, el("span", { class: "badge" }, "H"), el("h2", {}, textObject(view.title)), el("button", { type: "button", class: "plain" }, "✕"));
  return el("div", { class: "dialog" }, header, el("div", { class: "dialog-body" }, renderBlocks(view.blocks, use(scene))), el("footer", {}, close, submit));
}

const home = (scene) => el("div", { class: "home" }, renderBlocks(scene.view.blocks, use(scene)));
const KINDS = { message, modal, home };

learnNames(users, channels);
byId("stage").append(...scenes.map((scene) => el("section", { class: `scene of-${scene.kind}`, id: scene.name }, KINDS[scene.kind](scene))));
await document.fonts.ready;
document.body.dataset.drawn = String(scenes.length);
