// A list to choose from, under or over a text field: arrows move, Enter or Tab takes, Esc puts it away.

import { element } from "./net.js";

let count = 0;

export class Picker {
  // `take(item)` is called with the chosen one; `draw(item)` fills its line: [bold, light, aside].
  constructor(input, { parent, label, draw, take, none = "", always = false }) {
    Object.assign(this, { input, draw, take, none, always, items: [], at: -1 });
    this.list = element("ul", "choices");
    this.list.id = `choices-${++count}`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    parent.append(this.list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) {
      input.setAttribute(name, value);
    }
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const line = event.target.closest("[role=option]");
      if (line) this.choose(Number(line.dataset.index));
    });
    if (!always) input.addEventListener("blur", () => this.hide());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  show(items, selected = 0) {
    this.items = items;
    this.list.replaceChildren(...items.map((item, index) => this.line(item, index)));
    if (!items.length && this.none) this.list.append(this.remark(this.none));
    this.open(items.length > 0 || Boolean(this.none));
    this.select(items.length ? selected : -1);
  }

  hint(text) {
    this.items = [];
    this.list.replaceChildren(this.remark(text));
    this.open(true);
    this.select(-1);
  }

  hide() {
    if (this.always) return;
    this.items = [];
    this.open(false);
    this.select(-1);
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen && this.items.length > 0));
  }

  remark(text) {
    const line = element("li", "no-choice", text);
    line.setAttribute("role", "presentation");
    return line;
  }

  line(item, index) {
    const [bold, light, aside] = this.draw(item);
    const line = element("li", "choice");
    line.id = `${this.list.id}-${index}`;
    line.dataset.index = index;
    line.setAttribute("role", "option");
    line.append(element("b", "", bold));
    if (aside) line.append(element("i", "", aside));
    if (light) line.append(element("span", "", light));
    return line;
  }

  select(index) {
    this.at = index;
    this.list.querySelectorAll("[role=option]").forEach((line, n) => {
      line.setAttribute("aria-selected", String(n === index));
      if (n === index) line.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  choose(index) {
    const item = this.items[index];
    this.hide();
    if (item) this.take(item);
  }

  // Whether the key was for the list; the field does nothing with it then.
  key(event) {
    if (!this.isOpen || event.isComposing) return false;
    const { length } = this.items;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && length) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.select(this.at < 0 && step < 0 ? length - 1 : (this.at + step + length) % length);
    } else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey && !this.always)) {
      if (this.at < 0) return false;
      this.choose(this.at);
    } else if (event.key === "Escape" && !this.always) {
      this.hide();
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

// The items in which a word begins like `typed`, then those that have it inside.
export function matching(items, typed, wordsOf) {
  const sought = typed.trim().toLowerCase();
  const rank = (item) => {
    const words = wordsOf(item).map((word) => word.toLowerCase());
    if (words.some((word) => word.startsWith(sought))) return 0;
    return words.some((word) => word.includes(sought)) ? 1 : 2;
  };
  return items
    .map((item) => [rank(item), item])
    .filter(([likeness]) => likeness < 2)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
