// A list of messages: who follows whom, where a day begins, what comes in, and what is drawn again.

import { element, fragment, page, say } from "./net.js";

const FOLLOWS = 300; // seconds within which somebody's next message needs no new heading

const dayOf = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: page.zone, dateStyle: "short" }).format(date);

function dayWords(message) {
  const { day, dayWords: words } = message.dataset;
  if (day === dayOf(new Date())) return words ? `${say("today")} · ${words}` : say("today");
  if (day === dayOf(new Date(Date.now() - 86_400_000))) return `${say("yesterday")} · ${words}`;
  return words;
}

// Sets headings and day lines; changes nothing that is right already.
export function arrange(log) {
  const hasDays = !log.closest("[data-side]");
  let last = null;
  for (const message of [...log.querySelectorAll(":scope > .message")]) {
    const { author, at, day } = message.dataset;
    const isNewDay = hasDays && last?.dataset.day !== day;
    const line = message.previousElementSibling;
    const hasLine = line?.matches(".divider.day");
    if (isNewDay && !hasLine) {
      const made = element("li", "divider day", dayWords(message));
      message.before(made);
    } else if (!isNewDay && hasLine) {
      line.remove();
    } else if (hasLine && line.textContent !== dayWords(message)) {
      line.textContent = dayWords(message);
    }
    const isAlone = isNewDay || !message.previousElementSibling?.matches(".message");
    const follows = !isAlone && last?.dataset.author === author && at - last.dataset.at < FOLLOWS;
    message.classList.toggle("follows", follows);
    last = message;
  }
}

export const isAtEnd = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 90;
const atEnd = new WeakSet();

// Whoever reads the end goes on reading the end, when pictures arrive or the column changes its width.
export function keepEnd(scroll) {
  atEnd.add(scroll);
  scroll.addEventListener("scroll", () => (isAtEnd(scroll) ? atEnd.add(scroll) : atEnd.delete(scroll)), { passive: true });
  const observer = new ResizeObserver(() => atEnd.has(scroll) && toEnd(scroll));
  observer.observe(scroll);
  observer.observe(scroll.querySelector("[data-log]"));
}

export const toEnd = (scroll) => scroll.scrollTo({ top: scroll.scrollHeight });

const find = (log, id) => log.querySelector(`:scope > .message[data-id="${id}"]`);
const lastId = (log) => Number([...log.querySelectorAll(":scope > .message[data-id]")].at(-1)?.dataset.id ?? 0);

// Puts a message where it belongs. Returns the node that came in anew, or null where one was only drawn again.
export function place(log, id, html) {
  const made = fragment(html).querySelector(".message");
  const old = find(log, id) ?? (made.dataset.key && log.querySelector(`:scope > .pending[data-key="${made.dataset.key}"]`));
  if (old) {
    redraw(old, made);
    arrange(log);
    return null;
  }
  if (id <= lastId(log)) return null;
  made.classList.add("fresh");
  const waiting = log.querySelector(":scope > .pending");
  if (waiting) waiting.before(made);
  else log.append(made);
  arrange(log);
  log.parentElement.querySelector("[data-empty]")?.setAttribute("hidden", "");
  return made;
}

// Keeps the reader's place: focus stays on the same button, or on the message.
export function redraw(old, made) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  made.setAttribute("aria-live", "off");
  if (!old.classList.contains("pending")) made.classList.add("redrawn");
  old.replaceWith(made);
  if (!focused) return;
  const { action } = focused.dataset;
  const same = action && [...made.querySelectorAll("[data-action]")].find((button) => button.dataset.action === action);
  const next = same || made.querySelector("[data-action]") || made;
  if (next === made) made.tabIndex = -1;
  next.focus({ preventScroll: true });
}

// A message that is on its way: the person's own words, as text.
export function pending(log, key, text, files) {
  const item = element("li", "message mine pending");
  item.dataset.key = key;
  item.dataset.author = page.me;
  item.dataset.at = Math.floor(Date.now() / 1000);
  item.dataset.day = dayOf(new Date());
  item.dataset.dayWords = "";
  const face = document.querySelector(".self .face").cloneNode(true);
  const said = element("div", "said");
  const by = element("p", "by");
  by.append(element("b", "", document.querySelector(".self b").textContent));
  said.append(by, element("p", "words", text || files.map((file) => file.name).join(", ")));
  item.append(face, said);
  log.append(item);
  log.parentElement.querySelector("[data-empty]")?.setAttribute("hidden", "");
  arrange(log);
  return item;
}

export function addNote(log, html, after) {
  const note = fragment(html).querySelector(".note");
  if (after?.isConnected) after.after(note);
  else log.append(note);
  note.scrollIntoView({ block: "nearest" });
  return note;
}

// Marks where the unread begins.
export function markNew(log, count) {
  const others = [...log.querySelectorAll(":scope > .message:not(.mine)")];
  const first = others.at(-count);
  if (count && first) first.before(element("li", "divider news", say("new")));
  arrange(log);
}
