// Buttons, menus and form fields.
import { complain, el, send } from "./dom.js";
import { textObject } from "./mrkdwn.js";

export function control(block, element, use) {
  const make = CONTROLS[element.type];
  return make ? make(block, element, use) : el("span", { class: "unknown" }, `[${element.type}]`);
}

const CONTROLS = {
  button,
  overflow,
  static_select: select,
  users_select: userSelect,
  radio_buttons: (block, element, use) => choices(block, element, use, "radio"),
  checkboxes: (block, element, use) => choices(block, element, use, "checkbox"),
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  datepicker: (block, element, use) => picker(block, element, use, "date", element.initial_date),
  timepicker: (block, element, use) => picker(block, element, use, "time", element.initial_time),
  datetimepicker: momentPicker,
  file_input: fileInput,
};

function asked(element) {
  const question = element.confirm;
  return !question || window.confirm(`${question.title.text}\n\n${question.text.text}`);
}

// In an input block a change only waits in the form; everywhere else it is sent at once.
function changed(block, element, use, value) {
  use.form?.set(block.block_id, element.action_id, value);
  if ((block.type !== "input" || block.dispatch_action) && asked(element)) use.act(block, element, value);
}

function held(block, element, use, fallback) {
  return use.form?.get(block.block_id, element.action_id) ?? fallback;
}

function button(block, element, use) {
  const style = element.style ? `button ${element.style}` : "button";
  const press = async (event) => {
    if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
    if (!asked(element)) return;
    const pressed = event.currentTarget;
    pressed.classList.add("busy");
    await use.act(block, element, element.value);
    pressed.classList.remove("busy");
  };
  return el("button", { type: "button", class: style, "aria-label": element.accessibility_label, onclick: press }, textObject(element.text));
}

function overflow(block, element, use) {
  const menu = el("details", { class: "overflow" }, el("summary", { "aria-label": "More actions" }, "⋯"));
  const choose = (value) => {
    menu.open = false;
    if (asked(element)) use.act(block, element, value);
  };
  const item = (option) => el("button", { type: "button", onclick: () => choose(option.value) }, textObject(option.text));
  menu.append(el("div", { class: "menu" }, element.options.map(item)));
  return menu;
}

function select(block, element, use) {
  const now = held(block, element, use, element.initial_option?.value);
  const one = (option) => el("option", { value: option.value, selected: option.value === now }, textObject(option.text));
  const list = element.option_groups
    ? element.option_groups.map((group) => el("optgroup", { label: group.label.text }, group.options.map(one)))
    : element.options.map(one);
  const first = el("option", { value: "", selected: !now, disabled: true }, element.placeholder?.text ?? "Choose an option");
  return el("select", { onchange: (event) => changed(block, element, use, event.target.value) }, first, list);
}

function userSelect(block, element, use) {
  const options = Object.entries(use.users).map(([id, user]) => ({ value: id, text: { type: "plain_text", text: user.real_name } }));
  const initial = options.find((option) => option.value === element.initial_user);
  return select(block, { ...element, options, initial_option: initial }, use);
}

function choices(block, element, use, type) {
  const many = type === "checkbox";
  const initial = many ? (element.initial_options ?? []).map((option) => option.value) : element.initial_option?.value;
  const now = [held(block, element, use, initial) ?? []].flat();
  const box = el("div", { class: "choices" });
  const tell = () => {
    const on = [...box.querySelectorAll("input:checked")].map((node) => node.value);
    changed(block, element, use, many ? on : on[0]);
  };
  const name = `${use.scope ?? ""}${block.block_id}-${element.action_id}`;
  for (const option of element.options) {
    const mark = el("input", { type, name, value: option.value, checked: now.includes(option.value), onchange: tell });
    const about = option.description ? el("small", {}, textObject(option.description)) : null;
    box.append(el("label", {}, mark, el("span", {}, textObject(option.text), about)));
  }
  return box;
}

const TYPES = { email_text_input: "email", url_text_input: "url", number_input: "number" };

function textInput(block, element, use) {
  const value = held(block, element, use, element.initial_value ?? "");
  const counter = element.max_length ? el("small", { class: "counter" }) : null;
  const count = (length) => counter && (counter.textContent = `${length} / ${element.max_length}`);
  const common = {
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    oninput: (event) => {
      count(event.target.value.length);
      use.form?.set(block.block_id, element.action_id, event.target.value);
      whileTyping(block, element, use, event.target.value);
    },
  };
  const field = element.multiline
    ? el("textarea", { ...common, rows: 6 })
    : el("input", { ...common, type: TYPES[element.type] ?? "text" });
  field.value = value;
  count(value.length);
  return el("span", { class: "field" }, field, counter);
}

// Slack tells of a text that asks for it while it is typed, after a moment without a key.
const PAUSE = 700;
let typing = 0;

function whileTyping(block, element, use, value) {
  const asks = element.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered");
  if (!block.dispatch_action || !asks) return;
  clearTimeout(typing);
  typing = setTimeout(() => use.act(block, element, value), PAUSE);
}

// A moment travels as whole seconds; the field shows it in the reader's own time.
function momentPicker(block, element, use) {
  const local = (seconds) => {
    const at = new Date(seconds * 1000);
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  };
  const now = held(block, element, use, element.initial_date_time);
  const tell = (event) => {
    const at = event.target.value ? Math.floor(new Date(event.target.value).getTime() / 1000) : null;
    changed(block, element, use, at);
  };
  return el("input", { type: "datetime-local", value: now ? local(now) : "", onchange: tell });
}

// The bytes go at once, as in Slack; the form holds the file's id.
function fileInput(block, element, use) {
  const chosen = async (event) => {
    const [file] = event.target.files;
    if (!file) return use.form?.set(block.block_id, element.action_id, []);
    const answer = await send("upload", { name: file.name, bytes: await base64(file), user: use.acting });
    if (answer.error) return complain(answer);
    return use.form?.set(block.block_id, element.action_id, [answer.file]);
  };
  return el("input", { type: "file", onchange: chosen });
}

function base64(file) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1] ?? "");
    reader.readAsDataURL(file);
  });
}

function picker(block, element, use, type, initial) {
  const value = held(block, element, use, initial);
  return el("input", { type, value, onchange: (event) => changed(block, element, use, event.target.value) });
}
