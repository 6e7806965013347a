// One message: who, when, what; and the list they stand in.
import { renderBlocks } from "./blocks.js";
import { complain, el, send } from "./dom.js";
import { emoji, mrkdwn } from "./mrkdwn.js";

const drawn = new Map();
const COLOURS = 6;

export function fillList(list, entries, world, inThread) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const nodes = [];
  let day = "";
  for (const entry of entries) {
    const date = new Date(Number(entry.ts) * 1000).toDateString();
    if (date !== day && !inThread) nodes.push(el("div", { class: "day" }, el("span", {}, dayName(date))));
    day = date;
    nodes.push(kept(entry, world, inThread));
  }
  const same = nodes.length === list.children.length && nodes.every((node, place) => node === list.children[place]);
  if (!same) list.replaceChildren(...nodes);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

const dayName = (date) => (date === new Date().toDateString() ? "Today" : date);

// A node is drawn anew only when its message changed, so that an open menu stays open.
function kept(entry, world, inThread) {
  const key = `${entry.channel} ${entry.ts} ${inThread}`;
  const about = JSON.stringify([entry, world.acting]);
  if (drawn.get(key)?.about !== about) drawn.set(key, { about, node: message(entry, world, inThread) });
  return drawn.get(key).node;
}

function message(entry, world, inThread) {
  const body = entry.message;
  const person = world.users[body.user];
  const name = body.bot_id ? "Heed" : person?.real_name ?? "Slackbot";
  const face = body.bot_id ? "face app" : `face colour-${colour(body.user ?? "")}`;
  const head = el("div", { class: "head" }, el("strong", {}, name));
  if (body.bot_id) head.append(el("span", { class: "app-mark" }, "APP"));
  head.append(el("time", { datetime: new Date(entry.ts * 1000).toISOString() }, clock(entry.ts)));
  const main = el("div", { class: "main" }, head, content(entry, world), edited(body), replyLine(entry, world, inThread));
  const node = el("article", { class: entry.user ? "message only-you" : "message", id: `m${entry.ts.replace(".", "")}${inThread ? "t" : ""}` });
  if (entry.user) main.prepend(el("div", { class: "note" }, emoji("eyes"), " Only visible to you"));
  node.append(el("div", { class: face, "aria-hidden": "true" }, name[0]), main);
  if (!entry.user) node.append(tools(entry, world, inThread));
  return node;
}

const colour = (id) => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS;
const clock = (ts) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(ts * 1000));
const edited = (body) => (body.edited && !body.blocks?.length ? el("span", { class: "edited" }, "(edited)") : null);

function content(entry, world) {
  const body = entry.message;
  if (body.subtype === "tombstone") return el("div", { class: "text gone" }, body.text);
  if (!body.blocks?.length) return el("div", { class: "text" }, mrkdwn(body.text));
  const act = async (block, element, value) => {
    const about = { channel: entry.channel, ts: entry.ts, block_id: block.block_id, action_id: element.action_id, value };
    complain(await send("click", { ...about, user: world.acting }));
    await world.refresh();
  };
  const card = body.blocks.some((block) => ["header", "actions"].includes(block.type) || block.accessory);
  return el("div", { class: card ? "card" : "text" }, renderBlocks(body.blocks, { act, users: world.users }));
}

function replyLine(entry, world, inThread) {
  const count = entry.message.reply_count;
  if (!count || inThread) return null;
  const faces = entry.message.reply_users.slice(0, 3).map((id) => {
    const bot = id === world.identity.bot_user_id;
    return el("span", { class: bot ? "face small app" : `face small colour-${colour(id)}` }, bot ? "H" : world.users[id]?.real_name[0] ?? "?");
  });
  const words = count === 1 ? "1 reply" : `${count} replies`;
  const last = el("span", { class: "last" }, `Last reply ${clock(entry.message.latest_reply)}`);
  return el("button", { type: "button", class: "replies", onclick: () => world.openThread(entry.ts) }, faces, el("strong", {}, words), last);
}

function tools(entry, world, inThread) {
  const open = () => world.openThread(entry.thread_ts ?? entry.ts);
  const shortcut = async (callback_id) => {
    complain(await send("shortcut", { callback_id, channel: entry.channel, ts: entry.ts, user: world.acting }));
    await world.refresh();
  };
  const more = SHORTCUTS.map(([key, words]) => el("button", { type: "button", onclick: () => shortcut(key) }, words));
  const thread = inThread ? [] : [el("button", { type: "button", onclick: open, title: "Reply in thread" }, emoji("speech_balloon"), " Reply in thread")];
  return el("div", { class: "tools" }, thread, more);
}

// What the app's manifest offers in a message's menu.
const SHORTCUTS = [["reply_to_this", "Reply to this"], ["add_to_case", "Add to case"]];
