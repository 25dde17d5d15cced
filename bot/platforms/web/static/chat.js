// The page as a whole: where one is, what comes in, what is pressed.

import { Composer, starters } from "./composer.js";
import { openForm } from "./forms.js";
import { addNote, arrange, isAtEnd, keepEnd, markNew, pending, place, redraw, toEnd } from "./log.js";
import { announce, banner, element, fragment, get, newId, page, post, Refused, say, signedOut } from "./net.js";
import { Picker, matching } from "./picker.js";

const talk = document.querySelector("[data-talk]");
const side = document.querySelector("[data-side]");
const rail = document.querySelector(".rail");
const isPhone = matchMedia("(max-width: 599px)");
const here = { at: page.at, thread: null, composer: null };
const logOf = (part) => part.querySelector("[data-log]");
const scrollOf = (part) => part.querySelector("[data-scroll]");
const channel = () => (here.at === "day" ? page.own : here.at);

// Where one is ------------------------------------------------------------------------------------------------

function setUp() {
  const entry = rail.querySelector(`[data-channel="${CSS.escape(here.at)}"]`);
  rail.querySelectorAll("[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
  entry?.setAttribute("aria-current", "page");
  here.composer = new Composer(talk.querySelector("[data-composer]"), { draft: here.at, send: (words) => sayTo(talk, words) });
  const begin = talk.querySelector("[data-starters]");
  if (begin) starters(begin, here.composer);
  markNew(logOf(talk), Number(entry?.querySelector("[data-unread]")?.dataset.unread ?? 0));
  if (here.at !== "day") {
    toEnd(scrollOf(talk));
    keepEnd(scrollOf(talk));
    toNew();
  }
  scrollOf(talk).addEventListener("scroll", () => {
    if (isAtEnd(scrollOf(talk))) showBelow(false);
  });
  if (here.at === "day") loadDay();
  else seen();
}

// Where more is new than the page shows, one begins to read at the first of it.
function toNew() {
  const line = talk.querySelector(".divider.news");
  if (!line || line.getBoundingClientRect().top >= scrollOf(talk).getBoundingClientRect().top) return;
  line.scrollIntoView({ block: "start" });
  showBelow(true);
}

async function open(at, { push = true } = {}) {
  if (at !== here.at || here.at === "day") {
    const { html } = await get(`talk?at=${encodeURIComponent(at)}`);
    here.at = at;
    closeThread({ push: false });
    talk.replaceChildren(fragment(html));
    if (push) history.pushState({}, "", `?at=${encodeURIComponent(at)}`);
    setUp();
  }
  page.view = "talk";
  if (isPhone.matches) talk.querySelector("h1").focus();
  else here.composer.input.focus();
}

async function openThread(id, { push = true } = {}) {
  const { html } = await get(`thread?id=${id}`);
  side.replaceChildren(fragment(html));
  setUpThread();
  if (push) history.pushState({}, "", `?at=${encodeURIComponent(here.at)}&thread=${id}`);
  page.view = "side";
  const input = side.querySelector("textarea");
  (isPhone.matches ? side.querySelector("h2") : input).focus();
}

function setUpThread() {
  here.thread = Number(side.querySelector("[data-thread-id]").dataset.threadId);
  side.hidden = false;
  new Composer(side.querySelector("[data-composer]"), { draft: `${here.at} ${here.thread}`, send: (words) => sayTo(side, words) });
  arrange(logOf(side));
  toEnd(scrollOf(side));
  keepEnd(scrollOf(side));
}

function closeThread({ push = true } = {}) {
  if (side.hidden) return;
  const opener = talk.querySelector(`[data-thread="${here.thread}"]`);
  side.hidden = true;
  side.replaceChildren();
  here.thread = null;
  page.view = "talk";
  if (push) history.pushState({}, "", `?at=${encodeURIComponent(here.at)}`);
  opener?.focus();
}

addEventListener("popstate", async () => {
  const query = new URLSearchParams(location.search);
  const at = query.get("at") ?? "day";
  const thread = Number(query.get("thread"));
  if (at !== here.at) await open(at, { push: false });
  if (thread) await openThread(thread, { push: false });
  else closeThread({ push: false });
});

async function loadDay() {
  const list = talk.querySelector("[data-day-list]");
  try {
    const { html } = await post("day", { client_id: newId() });
    const made = fragment(html);
    if (made.textContent !== list.textContent) list.replaceChildren(made);
  } catch (error) {
    list.replaceChildren(element("p", "day-words", error instanceof Refused ? error.message : say("offline")));
  }
  list.removeAttribute("aria-busy");
}

let dayTimer;
function reloadDay(delay = 0) {
  if (here.at !== "day") return;
  clearTimeout(dayTimer);
  dayTimer = setTimeout(() => here.at === "day" && loadDay(), delay);
}

// Unread marks ------------------------------------------------------------------------------------------------

function setUnread(of, count) {
  const mark = rail.querySelector(`[data-channel="${CSS.escape(of)}"] .unread`);
  if (!mark) return;
  mark.dataset.unread = count;
  mark.hidden = !count;
  mark.querySelector("[data-count]").textContent = count > 99 ? "99+" : count;
  title();
}

function title() {
  const count = [...rail.querySelectorAll("[data-unread]")].reduce((sum, mark) => sum + Number(mark.dataset.unread), 0);
  const entry = rail.querySelector("[aria-current] > span");
  document.title = `${count ? `(${count > 99 ? "99+" : count}) ` : ""}${entry?.textContent ?? "Opsbook"} · Opsbook`;
}

let seenTimer;
function seen() {
  if (document.hidden || here.at === "day") return title();
  const last = [...logOf(talk).querySelectorAll(".message[data-id]")].at(-1);
  setUnread(here.at, 0);
  if (!last) return;
  const mark = { channel: here.at, message: Number(last.dataset.id) };
  clearTimeout(seenTimer);
  seenTimer = setTimeout(() => post("seen", mark).catch(() => {}), 300);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  seen();
  reloadDay();
});

function showBelow(isShown) {
  const button = talk.querySelector("[data-below]");
  if (button) button.hidden = !isShown;
}

// What comes in -----------------------------------------------------------------------------------------------

let stream;
let lastChange = page.since;
let offlineTimer;

function listen() {
  stream = new EventSource(`events?since=${lastChange}`);
  stream.addEventListener("open", () => {
    clearTimeout(offlineTimer);
    offlineTimer = null;
    banner("");
  });
  stream.addEventListener("message", (event) => {
    lastChange = event.lastEventId || lastChange;
    take(JSON.parse(event.data));
  });
  stream.addEventListener("reload", () => location.reload());
  stream.addEventListener("error", () => {
    offlineTimer ??= setTimeout(() => banner(say("offline")), 4000);
    if (stream.readyState === EventSource.CLOSED) comeBack();
  });
}

async function comeBack() {
  const answer = await fetch("people").catch(() => null);
  if (answer && [401, 404].includes(answer.status)) signedOut();
  else setTimeout(listen, 3000);
}

function take(news) {
  reloadDay(400);
  if (news.thread) {
    if (news.thread === here.thread) enter(side, news);
    return;
  }
  const above = side.querySelector(`[data-above] > [data-id="${news.id}"]`);
  if (above) redraw(above, fragment(news.html).querySelector(".message"));
  if (news.channel === here.at) enter(talk, news);
  else if (!news.mine && news.new) countUnread(news);
}

function countUnread(news) {
  const mark = rail.querySelector(`[data-channel="${CSS.escape(news.channel)}"] .unread`);
  if (mark) setUnread(news.channel, Number(mark.dataset.unread) + 1);
}

function enter(part, news) {
  const scroll = scrollOf(part);
  const wasAtEnd = isAtEnd(scroll);
  const made = place(logOf(part), news.id, news.html);
  if (!made && news.new === false) announce(say("changed", { title: fragment(news.html).querySelector(".message").dataset.says }));
  if (wasAtEnd || news.mine) toEnd(scroll);
  else if (made && part === talk) showBelow(true);
  if (made && part === talk) seen();
}

// What one says -----------------------------------------------------------------------------------------------

async function sayTo(part, { text, files }) {
  if (here.at === "day") {
    await open(page.own);
    part = talk;
  }
  const id = newId();
  const body = { text, channel: here.at, thread: part === side ? here.thread : null, files: files.map((file) => file.id), client_id: id };
  const isCommand = /^[/／、]/.test(text) && here.at !== page.own;
  const item = isCommand ? null : pending(logOf(part), `said:${page.me}:${id}`, text, files);
  toEnd(scrollOf(part));
  await deliver(part, body, item);
}

// Sends; where the network fails, the words stay with a button that sends the same once more.
async function deliver(part, body, item) {
  try {
    const data = await post("say", body);
    if (data.message) enter(part, { ...data.message, mine: true });
    else item?.remove();
    shown(data, part, null);
  } catch (error) {
    if (error instanceof Refused || !item) {
      item?.remove();
      throw error;
    }
    failed(part, body, item);
  }
}

function failed(part, body, item) {
  item.classList.replace("pending", "failed");
  const line = element("p", "retry", `${say("notSent")} `);
  const again = element("button", "link", say("again"));
  again.type = "button";
  again.addEventListener("click", () => {
    line.remove();
    item.classList.replace("failed", "pending");
    deliver(part, body, item).catch((error) => announce(error.message));
  });
  line.append(again);
  item.querySelector(".said").append(line);
}

// Shows an answer: a form, a message that is kept, or a note under `after`.
function shown(data, part, after) {
  const { reply } = data;
  if (!reply) return;
  if (reply.kind === "form") {
    const thread = part === side ? here.thread : null;
    const where = { channel: channel(), thread, note: here.at === "day" };
    openForm(reply.html, where, (answer) => {
      shown(answer, part, after);
      reloadDay();
    });
  } else if (reply.kind === "kept") {
    if (here.at === page.own) enter(talk, { ...reply, mine: true });
  } else {
    if (here.at === "day") logOf(talk).replaceChildren();
    addNote(logOf(part), reply.html, after?.isConnected ? after : null);
  }
}

// What one presses --------------------------------------------------------------------------------------------

async function press(button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  if (button.dataset.confirm && !(await confirmed(button))) return;
  const part = button.closest("[data-side]") ?? talk;
  const item = button.closest(".message, .note");
  const card = button.closest(".card");
  const buttons = [...card.querySelectorAll("[data-action]")];
  buttons.forEach((one) => one.setAttribute("aria-disabled", "true"));
  try {
    const id = item?.matches(".message") ? Number(item.dataset.id) : null;
    const data = await post("press", { action: button.dataset.action, message: id, channel: channel(), client_id: newId() });
    shown(data, part, item?.isConnected ? item : part.querySelector(`.message[data-id="${id}"]`));
    if (item?.matches(".note") && data.reply?.kind !== "form" && data.reply?.well !== false) item.remove();
    reloadDay();
  } catch (error) {
    const after = element("li", "note unwell", error instanceof Refused ? error.message : say("offline"));
    if (item) item.after(after);
    else logOf(part).append(after);
    setTimeout(() => after.remove(), 8000);
  } finally {
    buttons.forEach((one) => one.removeAttribute("aria-disabled"));
  }
}

function confirmed(button) {
  const dialog = document.querySelector("[data-confirm-dialog]");
  const yes = dialog.querySelector("[data-confirm-yes]");
  dialog.querySelector("[data-confirm-words]").textContent = button.dataset.confirm;
  yes.textContent = button.textContent;
  yes.className = button.classList.contains("bad") ? "button bad" : "button good";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function older(button) {
  const scroll = button.closest("[data-scroll]");
  const log = scroll.querySelector("[data-log]");
  const first = log.querySelector(".message[data-id]");
  const thread = button.closest("[data-side]") ? `&thread=${here.thread}` : "";
  const { html, more } = await get(`older?at=${encodeURIComponent(here.at)}&before=${first.dataset.id}${thread}`);
  const height = scroll.scrollHeight - scroll.scrollTop;
  log.setAttribute("aria-live", "off");
  log.prepend(fragment(html));
  arrange(log);
  scroll.scrollTop = scroll.scrollHeight - height;
  log.setAttribute("aria-live", "polite");
  button.hidden = !more;
}

const clicks = {
  "[data-action]": press,
  "[data-thread]": (button) => openThread(Number(button.dataset.thread)),
  "[data-close-side]": () => closeThread(),
  "[data-dismiss]": (button) => button.closest(".note").remove(),
  "[data-older]": older,
  "[data-below]": () => toEnd(scrollOf(talk)),
  "[data-jump]": () => openJump(),
  "button[data-view]": (button) => { page.view = button.dataset.view; rail.querySelector("[aria-current]")?.focus(); },
  "[data-language]": async (button) => { await post("language", { language: button.dataset.language }); location.reload(); },
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-channel]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link.dataset.channel).catch(() => banner(say("offline")));
    return;
  }
  for (const [selector, act] of Object.entries(clicks)) {
    const found = event.target.closest(selector);
    if (found) {
      Promise.resolve(act(found)).catch(() => banner(say("offline")));
      return;
    }
  }
});

// By keyboard -------------------------------------------------------------------------------------------------

const jumpDialog = document.querySelector("[data-jump-dialog]");
const jumpInput = jumpDialog.querySelector("[data-jump-words]");
const rooms = [...rail.querySelectorAll("[data-channel]")].map((link) => ({ channel: link.dataset.channel, label: link.querySelector(":scope > span").textContent }));
const jump = new Picker(jumpInput, {
  parent: jumpDialog,
  label: jumpInput.placeholder,
  none: say("noRoom"),
  always: true,
  draw: (room) => [room.label, ""],
  take: (room) => {
    jumpDialog.close();
    open(room.channel);
  },
});
jumpInput.addEventListener("input", () => jump.show(matching(rooms, jumpInput.value, (room) => [room.label, room.channel])));
jumpInput.addEventListener("keydown", (event) => jump.key(event));

function openJump() {
  if (document.querySelector("dialog[open]")) return;
  jumpInput.value = "";
  jump.show(rooms);
  jumpDialog.showModal();
}

jumpDialog.addEventListener("click", (event) => event.target === jumpDialog && jumpDialog.close());

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openJump();
  } else if (event.key === "/" && !isTyping && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    here.composer.begin("/");
  } else if (event.key === "Escape" && !side.hidden && !document.querySelector("dialog[open]")) {
    closeThread();
  }
});

setUp();
if (side.firstElementChild) setUpThread();
page.view = side.hidden ? "talk" : "side";
listen();
addEventListener("pagehide", () => stream.close());
