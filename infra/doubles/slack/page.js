// The page: asks the double every second what changed, and draws only that.
import { byId, complain, el, send } from "./dom.js";
import { fillList } from "./messages.js";
import { showHome, showModal } from "./modal.js";
import { learnNames } from "./mrkdwn.js";

const EVERY = 1000;
const HOME = "home";
const asked = new URLSearchParams(location.search);
const world = {
  boot: "",
  revision: 0,
  users: {},
  channels: [],
  messages: new Map(),
  views: {},
  homes: {},
  acting: asked.get("as") ?? localStorage.getItem("acting") ?? "",
  channel: asked.get("channel") ?? "",
  thread: asked.get("thread") ?? "",
  read: {},
  refresh,
  openThread,
};

// A permalink: /archives/C1/p1700000000000100?thread_ts=...
function followPermalink() {
  const found = /^\/archives\/(\w+)\/p(\d{10})(\d{6})$/.exec(location.pathname);
  if (!found) return;
  world.channel = found[1];
  world.thread = asked.get("thread_ts") ?? `${found[2]}.${found[3]}`;
}

async function refresh() {
  try {
    const state = await (await fetch(`/_double/state?since=${world.revision}`)).json();
    byId("pulse").textContent = "live";
    byId("pulse").classList.add("on");
    if (world.boot && world.boot !== state.boot) location.reload();
    if (!state.unchanged) take(state);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    byId("pulse").textContent = "not reachable";
    byId("pulse").classList.remove("on");
  }
}

function take(state) {
  if (!world.boot) world.read = JSON.parse(sessionStorage.getItem(state.boot) ?? "{}");
  if (state.full) world.messages.clear();
  for (const entry of [...state.messages, ...state.ephemerals]) world.messages.set(`${entry.channel} ${entry.ts}`, entry);
  for (const entry of state.gone) world.messages.delete(`${entry.channel} ${entry.ts}`);
  const { boot, revision, users, channels, views, homes, identity } = state;
  Object.assign(world, { boot, revision, users, channels, views, homes, identity });
  if (!users[world.acting]) world.acting = Object.keys(users)[0];
  if (world.channel !== HOME && !channels.some((channel) => channel.id === world.channel)) world.channel = channels[0].id;
  learnNames({ ...users, [identity.bot_user_id]: { real_name: "Heed" } }, channels);
  draw();
}

function draw() {
  drawPicker();
  drawSide();
  drawRoom();
  drawThread();
  showModal(world);
}

function drawPicker() {
  const options = Object.entries(world.users).map(([id, user]) => el("option", { value: id, selected: id === world.acting }, user.real_name));
  byId("acting").replaceChildren(...options);
}

const inChannel = (id) =>
  [...world.messages.values()]
    .filter((entry) => entry.channel === id && (!entry.user || entry.user === world.acting))
    .sort((one, other) => (one.ts < other.ts ? -1 : 1));

const isReply = (entry) => entry.thread_ts && entry.thread_ts !== entry.ts;

function drawSide() {
  if (!document.hidden) markRead();
  const row = (channel) => {
    const unread = inChannel(channel.id).filter((entry) => !isReply(entry) && entry.ts > (world.read[channel.id] ?? "")).length;
    return sideRow(channel.id, channel.id.startsWith("D") ? "●" : "#", channel.name, unread);
  };
  const isDirect = (channel) => channel.id.startsWith("D");
  const open = world.channels.filter((channel) => !isDirect(channel)).map(row);
  const mine = world.channels.filter((channel) => isDirect(channel) && channel.id.slice(1) === world.acting.slice(1));
  const directs = mine.map((channel) => row({ ...channel, name: "Heed" }));
  byId("channels").replaceChildren(...open);
  byId("directs").replaceChildren(...directs);
  byId("directs-title").hidden = !directs.length;
  byId("apps").replaceChildren(sideRow(HOME, "⌂", "Heed home", 0));
}

function sideRow(id, sign, name, unread) {
  const classes = [id === world.channel ? "here" : "", unread ? "unread" : ""].join(" ").trim();
  const badge = unread ? el("span", { class: "count", "aria-label": `${unread} unread` }, String(unread)) : null;
  const go = el("button", { type: "button", class: classes, onclick: () => goTo(id) }, el("span", { class: "sign" }, sign), el("span", { class: "name" }, name), badge);
  return el("li", {}, go);
}

function markRead() {
  const last = inChannel(world.channel).at(-1);
  if (!last) return;
  world.read[world.channel] = last.ts;
  sessionStorage.setItem(world.boot, JSON.stringify(world.read));
}

async function goTo(id) {
  world.channel = id;
  world.thread = "";
  draw();
  byId("list").scrollTop = byId("list").scrollHeight;
  if (id === HOME) complain(await send("open_home", { user: world.acting }));
}

function openThread(ts) {
  world.thread = ts;
  draw();
  byId("replies").scrollTop = byId("replies").scrollHeight;
  byId("thread-composer").querySelector("textarea").focus();
}

function drawRoom() {
  const home = world.channel === HOME;
  const channel = world.channels.find((one) => one.id === world.channel);
  const about = home ? "What Heed shows on its Home tab" : channel.archived ? "archived" : "Customer care, one card per case";
  byId("title").replaceChildren(el("strong", {}, home ? "Heed" : `# ${channel.name}`), el("span", {}, about));
  byId("composer").hidden = home;
  byId("composer").querySelector("textarea").placeholder = home ? "" : `Message #${channel.name}, or /heed …`;
  if (home) showHome(world, byId("list"));
  else fillList(byId("list"), inChannel(world.channel).filter((entry) => !isReply(entry) || entry.message.subtype === "thread_broadcast"), world, false);
}

function drawThread() {
  const entries = world.thread ? inChannel(world.channel).filter((entry) => entry.ts === world.thread || entry.thread_ts === world.thread) : [];
  byId("thread").hidden = !entries.length;
  document.body.classList.toggle("with-thread", entries.length > 0);
  byId("thread-of").textContent = `# ${world.channels.find((one) => one.id === world.channel)?.name ?? ""}`;
  if (entries.length) fillList(byId("replies"), entries, world, true);
}

function composer(form, placeholder, post) {
  const text = el("textarea", { rows: 1, placeholder, "aria-label": placeholder });
  const submit = async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    complain(await post(words));
    await refresh();
  };
  text.addEventListener("keydown", (event) => event.key === "Enter" && !event.shiftKey && submit(event));
  form.addEventListener("submit", submit);
  form.append(text, el("button", { type: "submit", class: "send", "aria-label": "Send" }, "➤"));
}

function sayInChannel(words) {
  const where = { channel: world.channel, user: world.acting };
  const [command, ...rest] = words.split(" ");
  if (command.startsWith("/")) return send("command", { ...where, command, text: rest.join(" ") });
  return send("say", { ...where, text: withMentions(words) });
}

const sayInThread = (words) => send("say", { channel: world.channel, thread_ts: world.thread, user: world.acting, text: withMentions(words) });

// What the client's completion does: "@heed" and "@tom" become mentions.
function withMentions(words) {
  const ids = Object.fromEntries(Object.entries(world.users).map(([id, user]) => [user.name, id]));
  ids.heed = world.identity.bot_user_id;
  return words.replace(/@(\w+)/g, (whole, name) => (ids[name] ? `<@${ids[name]}>` : whole));
}

byId("acting").addEventListener("change", (event) => {
  world.acting = event.target.value;
  localStorage.setItem("acting", world.acting);
  draw();
});
byId("thread-close").addEventListener("click", () => {
  world.thread = "";
  draw();
});
composer(byId("composer"), "Message", sayInChannel);
composer(byId("thread-composer"), "Note for the team…", sayInThread);
followPermalink();
await refresh();
setInterval(refresh, EVERY);
