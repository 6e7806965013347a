// Every node of the page is made here, and text only ever enters through text nodes.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const byId = (id) => document.getElementById(id);

export async function send(name, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/_double/${name}`, options);
  return answer.json();
}

export function toast(words) {
  const node = el("div", { class: "toast" }, words);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}

// Tells the person what Slack would tell them when the app does not answer well.
export function complain(result) {
  if (result.error) toast(result.error);
  else if (result.problem) toast(`Heed did not answer: ${result.problem.replaceAll("_", " ")}`);
  else if (result.ok === false) toast(`Heed answered with status ${result.status}`);
}
