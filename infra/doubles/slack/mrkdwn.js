// Slack's mrkdwn and text objects as DOM nodes.
import { el } from "./dom.js";

const EMOJI = await (await fetch("/emoji.json")).json();
const SAFE = /^(https?:|mailto:|tel:)/i;
const names = { users: {}, channels: {} };
const INLINE = [
  [/^```([^]+?)```/, (m) => el("pre", {}, decode(m[1].replace(/^\n/, "")))],
  [/^`([^`\n]+)`/, (m) => el("code", {}, decode(m[1]))],
  [/^<([^<>\n]+)>/, (m) => angle(m[1])],
  [/^:([a-z0-9_+-]+):/, (m) => (EMOJI[m[1]] ? emoji(m[1]) : null)],
  [/^\*(\S|\S[^*\n]*?\S)\*(?![A-Za-z0-9])/, (m) => el("strong", {}, inline(m[1])), true],
  [/^_(\S|\S[^_\n]*?\S)_(?![A-Za-z0-9])/, (m) => el("em", {}, inline(m[1])), true],
  [/^~(\S|\S[^~\n]*?\S)~(?![A-Za-z0-9])/, (m) => el("s", {}, inline(m[1])), true],
  [/^\n/, () => el("br")],
];

export function learnNames(users, channels) {
  names.users = users;
  names.channels = Object.fromEntries(channels.map((channel) => [channel.id, channel.name]));
}

export function textObject(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text);
}

export function plain(text) {
  return text.split(/(:[a-z0-9_+-]+:|\n)/).map((part) => {
    if (part === "\n") return el("br");
    const name = part.slice(1, -1);
    return part.length > 2 && part.startsWith(":") && EMOJI[name] ? emoji(name) : part;
  });
}

export function mrkdwn(text) {
  const nodes = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) nodes.push(el("blockquote", {}, inline(quoted.join("\n"))));
    quoted = [];
  };
  for (const piece of text.split(/(```[^]*?```)/)) {
    const lines = piece.startsWith("```") ? [piece] : piece.split(/(?<=\n)/);
    for (const line of lines) {
      if (line.startsWith("&gt;")) quoted.push(line.replace(/^&gt; ?/, "").replace(/\n$/, ""));
      else {
        flush();
        nodes.push(...inline(line));
      }
    }
  }
  flush();
  return nodes;
}

function inline(text) {
  const nodes = [];
  let literal = "";
  let place = 0;
  while (place < text.length) {
    const found = match(text.slice(place), place ? text[place - 1] : "");
    if (found) {
      if (literal) nodes.push(decode(literal));
      literal = "";
      nodes.push(found.node);
      place += found.length;
    } else literal += text[place++];
  }
  return literal ? [...nodes, decode(literal)] : nodes;
}

function match(rest, before) {
  for (const [pattern, make, needsEdge] of INLINE) {
    if (needsEdge && /[A-Za-z0-9]/.test(before)) continue;
    const found = pattern.exec(rest);
    const node = found && make(found);
    if (node) return { node, length: found[0].length };
  }
  return null;
}

const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function angle(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("@")) return mention(`@${names.users[target.slice(1)]?.real_name ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return mention(`#${names.channels[target.slice(1)] ?? label ?? target.slice(1)}`);
  if (target.startsWith("!")) return mention(`@${label ?? target.slice(1)}`);
  return link(decode(target), label ? decode(label) : undefined);
}

export const mention = (text) => el("span", { class: "mention" }, text);

export function userMention(id) {
  return mention(`@${names.users[id]?.real_name ?? id}`);
}

export function link(url, label) {
  const text = label || url.replace(/^(mailto|tel):/, "");
  if (!SAFE.test(url)) return document.createTextNode(text);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

export function emoji(name, unicode) {
  const codes = unicode ?? EMOJI[name];
  if (!codes) return document.createTextNode(`:${name}:`);
  const characters = String.fromCodePoint(...codes.split("-").map((code) => parseInt(code, 16)));
  return el("span", { class: "emoji", role: "img", "aria-label": name }, characters);
}

const DATES = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

function date(target, fallback) {
  const [, seconds, format] = target.split("^");
  const at = new Date(Number(seconds) * 1000);
  if (!format || Number.isNaN(at.getTime())) return document.createTextNode(decode(fallback ?? ""));
  const words = format.replace(/\{(\w+)\}/g, (whole, token) => {
    if (token === "ago") return ago(at);
    const pretty = token.endsWith("_pretty") && nearDay(at);
    const options = DATES[token.replace("_pretty", "")];
    return pretty || (options ? new Intl.DateTimeFormat("en-GB", options).format(at) : whole);
  });
  return el("time", { datetime: at.toISOString(), title: at.toString() }, words);
}

function nearDay(at) {
  const day = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
  const distance = Math.round((day(at) - day(new Date())) / 86400000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[distance];
}

function ago(at) {
  const minutes = Math.round((at.getTime() - Date.now()) / 60000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / 1440), "day");
}
