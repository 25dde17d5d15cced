// Talking with the server, and the words that this page itself says. Every address is relative to the page's own.

export const page = document.body.dataset;
const words = JSON.parse(page.words);

export function say(name, places = {}) {
  return words[name].replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

// An id by which the server knows that two posts are one. (randomUUID needs https; this does not.)
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Refused extends Error {
  constructor(words, field) {
    super(words);
    this.field = field;
  }
}

// Throws `Refused` with words to show where the server said no, another Error where it could not be reached.
async function read(response) {
  if (response.status === 401) signedOut();
  const data = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : {};
  if (!response.ok) throw new Refused(data.error ?? say("notSent"), data.field);
  return data;
}

export async function post(path, body) {
  const file = body instanceof Blob;
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": file ? "application/octet-stream" : "application/json" },
    body: file ? body : JSON.stringify(body),
  });
  return read(response);
}

export const get = async (path) => read(await fetch(path, { headers: { Accept: "application/json" } }));

export async function upload(file) {
  if (file.size > 10 * 1024 * 1024) throw new Refused(say("tooBig"));
  return post(`upload?name=${encodeURIComponent(file.name)}`, file);
}

let isOut = false;
export function signedOut() {
  if (isOut) return;
  isOut = true;
  banner(say("signedOut"));
  setTimeout(() => window.top.location.assign("/"), 2500);
}

export function banner(text) {
  const line = document.querySelector("[data-banner]");
  line.textContent = text;
  line.hidden = !text;
}

// HTML from our own templates, where every value is escaped already.
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function announce(text) {
  document.querySelector("[data-announcer]").textContent = text;
}

// What somebody typed and has not sent, kept in this tab.
export const drafts = {
  key: (name) => `${location.pathname} ${name}`,
  read: (name) => sessionStorage.getItem(drafts.key(name)) ?? "",
  write(name, text) {
    if (text) sessionStorage.setItem(drafts.key(name), text);
    else sessionStorage.removeItem(drafts.key(name));
  },
};
