// Who? One colleague or several, found by a name: a list offers them, and only those who are chosen count.

import { makeChip } from "./composer.js";
import { get, say } from "./net.js";
import { Picker, matching } from "./picker.js";

let everyone = null;

async function colleagues() {
  everyone ??= await get("people");
  return everyone;
}

// Offers colleagues under the field as a name is typed; `take(person)` gets the one who is chosen.
function offering(input, take, isLeft = () => true) {
  const picker = new Picker(input, {
    parent: input.parentElement,
    label: input.placeholder,
    none: say("noPerson"),
    draw: (person) => [person.name, [person.title, person.about].filter(Boolean).join(" · ")],
    take,
  });
  const offer = async () => {
    const left = (await colleagues()).filter(isLeft);
    const found = matching(left, input.value, (person) => [person.name, ...person.name.split(" "), person.about, person.title]);
    picker.show(found.slice(0, 30), input.value ? 0 : -1); // before a word is typed, Tab and Enter choose nobody
  };
  input.addEventListener("input", offer);
  input.addEventListener("focus", () => input.value || offer());
  input.addEventListener("keydown", (event) => picker.key(event));
  return offer;
}

export class OnePerson {
  constructor(input, changed) {
    this.input = input;
    input.addEventListener("input", () => { input.dataset.person = ""; });
    offering(input, (person) => {
      this.choose(person);
      changed();
    });
  }

  get answer() {
    return Number(this.input.dataset.person) || "";
  }

  // A name that was typed but not chosen says nothing; better to ask than to lose it.
  get isUnchosen() {
    return Boolean(this.input.value.trim()) && !this.input.dataset.person;
  }

  choose(person) {
    this.input.value = person.name;
    this.input.dataset.person = person.id;
  }

  async fill(id) {
    const person = (await colleagues()).find((one) => one.id === id);
    if (person) this.choose(person);
  }
}

// Each who is chosen becomes a chip above the field, in the order of the choice; Backspace takes the last one away.
export class People {
  constructor(input, changed) {
    Object.assign(this, { input, changed, chosen: [], list: input.parentElement.querySelector("[data-chips]") });
    const standing = [...this.list.children].map((line) => ({ id: Number(line.dataset.id), name: line.textContent }));
    this.list.replaceChildren();
    standing.forEach((person) => this.add(person));
    const offer = offering(
      input,
      (person) => {
        this.add(person);
        input.value = "";
        changed();
        offer();
      },
      (person) => !this.answer.includes(person.id),
    );
    input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !input.value && !event.isComposing && this.chosen.length) this.remove(this.chosen.at(-1));
    });
  }

  get answer() {
    return this.chosen.map(({ id }) => id);
  }

  get isUnchosen() {
    return Boolean(this.input.value.trim());
  }

  add({ id, name }) {
    if (this.answer.includes(id)) return;
    const one = { id, chip: makeChip(this.list, name, () => this.remove(one)) };
    one.chip.dataset.id = id;
    one.chip.classList.remove("waiting");
    this.chosen.push(one);
  }

  remove(one) {
    one.chip.remove();
    this.chosen = this.chosen.filter((other) => other !== one);
    this.changed();
    this.input.focus();
  }

  async fill(ids) {
    const known = await colleagues();
    [...this.chosen].forEach(({ chip }) => chip.remove());
    this.chosen = [];
    for (const id of ids) {
      const person = known.find((one) => one.id === id);
      if (person) this.add(person);
    }
  }
}
