// Writing: words, files, and commands with completion in both languages. What is not sent is not lost.

import { Picker, matching } from "./picker.js";
import { drafts, element, fragment, page, say, upload } from "./net.js";

const commands = JSON.parse(page.commands);
const SLASH = /^[/／、]/;
const isChinese = document.documentElement.lang.startsWith("zh");
const HAN = /\p{Script=Han}/u;
const wordsOf = (command) => [command.name, ...command.aliases];
// The word for a command in the reader's own language.
const wordOf = (command) => (isChinese && command.aliases.find((alias) => HAN.test(alias))) || command.name;

export class Composer {
  // `send({text, files})` resolves when the words are taken over; what it throws is shown, and the words stay.
  constructor(form, { draft, send }) {
    this.form = form;
    this.send = send;
    this.draft = `draft ${draft}`;
    this.input = form.querySelector("textarea");
    this.chips = form.querySelector("[data-chips]");
    this.files = [];
    this.picker = new Picker(this.input, {
      parent: form,
      label: this.input.placeholder,
      none: "",
      draw: (command) => [`/${wordOf(command)}`, command.help, wordsOf(command).find((word) => word !== wordOf(command) && HAN.test(word) !== HAN.test(wordOf(command)))],
      take: (command) => this.take(command),
    });
    this.input.value = drafts.read(this.draft);
    this.listen();
    this.refresh();
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.refresh());
    this.input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || this.picker.key(event)) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.submit();
      }
    });
    this.form.querySelector("[data-files]").addEventListener("change", (event) => {
      this.add([...event.target.files]);
      event.target.value = "";
    });
    this.input.addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      this.add([...event.clipboardData.files]);
    });
  }

  refresh() {
    const text = this.input.value;
    drafts.write(this.draft, text);
    this.form.classList.toggle("ready", Boolean(text.trim()) || this.files.length > 0);
    this.complain("");
    this.complete(text);
  }

  complete(text) {
    const slashed = SLASH.test(text);
    const typed = slashed ? text.slice(1) : text;
    if (document.activeElement !== this.input || typed.includes("\n")) return this.picker.hide();
    const space = typed.indexOf(" ");
    if (slashed && space > 0) {
      const command = commands.find((one) => wordsOf(one).includes(typed.slice(0, space).toLowerCase()));
      return command?.usage ? this.picker.hint(`/${typed.slice(0, space)} ${command.usage}`) : this.picker.hide();
    }
    if (slashed) {
      const found = matching(commands, typed, wordsOf);
      return found.length ? this.picker.show(found) : this.picker.hint(say("noCommand"));
    }
    if (!HAN.test(typed[0] ?? "")) return this.picker.hide();
    const begun = commands.filter((command) => wordsOf(command).some((word) => word.startsWith(typed)));
    return begun.length ? this.picker.show(begun, -1) : this.picker.hide();
  }

  take(command) {
    this.input.value = `/${wordOf(command)} `;
    this.refresh();
    if (command.usage) this.input.focus();
    else this.submit();
  }

  begin(text) {
    this.input.focus();
    if (!this.input.value) this.input.value = text;
    this.refresh();
  }

  async add(files) {
    this.complain("");
    for (const file of files.slice(0, 10 - this.files.length)) {
      const chip = makeChip(this.chips, file.name, () => this.remove(chip));
      try {
        const { id, name } = await upload(file);
        this.files.push({ id, name, chip });
        chip.classList.remove("waiting");
      } catch (error) {
        chip.remove();
        this.complain(`${file.name}: ${error.message}`);
      }
    }
    this.form.classList.toggle("ready", Boolean(this.input.value.trim()) || this.files.length > 0);
  }

  remove(chip) {
    this.files = this.files.filter((file) => file.chip !== chip);
    chip.remove();
    this.refresh();
    this.input.focus();
  }

  async submit() {
    const text = this.input.value.trim();
    const { files } = this;
    if ((!text && !files.length) || this.chips.querySelector(".waiting")) return;
    this.clear();
    try {
      await this.send({ text, files });
    } catch (error) {
      if (!this.input.value) this.input.value = text;
      this.files = files;
      this.chips.replaceChildren(...files.map((file) => file.chip));
      this.refresh();
      this.complain(error.message);
    }
  }

  clear() {
    this.input.value = "";
    this.files = [];
    this.chips.replaceChildren();
    this.picker.hide();
    this.refresh();
  }

  complain(words) {
    const line = this.form.querySelector("[data-trouble]");
    line.textContent = words;
    line.hidden = !words;
  }
}

// A file that waits to be sent, with a button to take it away again.
export function makeChip(list, name, remove) {
  const chip = element("li", "chip waiting");
  chip.append(element("span", "", name));
  const button = element("button", "quiet");
  button.type = "button";
  button.setAttribute("aria-label", say("remove", { name }));
  button.append(fragment('<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m6 6 8 8M14 6l-8 8"/></svg>'));
  button.addEventListener("click", remove);
  chip.append(button);
  list.append(chip);
  return chip;
}

// The first commands, offered where a conversation has not begun.
export function starters(place, composer) {
  for (const command of commands.slice(0, 5)) {
    const button = element("button", "button", command.help);
    button.type = "button";
    button.addEventListener("click", () => composer.take(command));
    place.append(button);
  }
}
