// Forms: one dialog; what is typed stays until it is sent, and what will not do is said beside its question.

import { makeChip } from "./composer.js";
import { drafts, fragment, newId, post, say, upload } from "./net.js";
import { OnePerson, People } from "./people.js";

const dialog = document.querySelector("[data-form-dialog]");

// `where`: channel, thread, note. `answered(data)` gets what the server says to the sent form.
export function openForm(html, where, answered) {
  dialog.replaceChildren(fragment(html));
  const form = new OpenForm(dialog.querySelector("form"), where, answered);
  if (!dialog.open) dialog.showModal();
  form.focusFirst();
}

class OpenForm {
  constructor(form, where, answered) {
    Object.assign(this, { form, where, answered, id: newId(), files: new Map(), who: new Map(), isSending: false });
    this.draft = `form ${form.dataset.asking} ${form.dataset.about}`;
    form.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    form.addEventListener("input", (event) => this.typed(event.target));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
    form.querySelectorAll("[data-person], [data-people]").forEach((input) => this.askWho(input));
    form.querySelectorAll("[data-form-files]").forEach((input) => this.askFiles(input));
    form.querySelectorAll("[data-here]").forEach((button) => this.askPlace(button));
    this.restore();
  }

  questions() {
    return [...this.form.querySelectorAll("[data-question]")];
  }

  focusFirst() {
    const first = this.questions()[0]?.querySelector("input:not([type=file]), textarea, select");
    (first ?? this.form.querySelector("h2")).focus();
  }

  typed(control) {
    this.complain(control.closest("[data-question]"), "");
    countLeft(control);
    drafts.write(this.draft, JSON.stringify(this.answers()));
  }

  answers() {
    const answers = {};
    for (const question of this.questions()) {
      const { question: name, control } = question.dataset;
      const checked = [...question.querySelectorAll(":checked")].map((input) => input.value);
      if (control === "checkboxes") answers[name] = checked;
      else if (control === "radios") answers[name] = checked[0] ?? "";
      else if (this.who.has(name)) answers[name] = this.who.get(name).answer;
      else if (control !== "files") answers[name] = question.querySelector("[name]").value;
    }
    return Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== "" && String(value) !== ""));
  }

  restore() {
    const html = this.form.outerHTML;
    const kept = drafts.read(this.draft);
    const isTyped = kept && kept !== JSON.stringify(this.answers());
    if (isTyped) for (const [name, value] of Object.entries(JSON.parse(kept))) this.fill(name, value);
    if (!this.restoreFiles() && !isTyped) return;
    const line = this.form.querySelector("[data-kept]");
    const anew = line.querySelector("[data-anew]");
    line.querySelector("span").textContent = say("kept");
    anew.textContent = say("anew");
    anew.addEventListener("click", () => {
      this.forget();
      openForm(html, this.where, this.answered);
    });
    line.hidden = false;
  }

  forget() {
    drafts.write(this.draft, "");
    drafts.write(`${this.draft} files`, "");
  }

  keepFiles() {
    const kept = [...this.files].flatMap(([question, chosen]) => chosen.map(({ id, name }) => ({ question, id, name })));
    drafts.write(`${this.draft} files`, kept.length ? JSON.stringify(kept) : "");
  }

  restoreFiles() {
    const kept = JSON.parse(drafts.read(`${this.draft} files`) || "[]").filter(({ question }) => this.files.has(question));
    for (const { question, id, name } of kept) this.addChip(question, name).settle(id);
    return kept.length > 0;
  }

  fill(name, value) {
    const question = this.questions().find((one) => one.dataset.question === name);
    if (!question) return;
    const choices = question.querySelectorAll("[type=radio], [type=checkbox]");
    const control = question.querySelector("[name]");
    if (choices.length) choices.forEach((choice) => { choice.checked = [value].flat().includes(choice.value); });
    else if (this.who.has(name)) this.who.get(name).fill(value);
    else if (control) control.value = value;
    if (control) countLeft(control);
  }

  askWho(input) {
    const { question: name, control } = input.closest("[data-question]").dataset;
    const changed = () => this.typed(input);
    this.who.set(name, control === "people" ? new People(input, changed) : new OnePerson(input, changed));
  }

  // Fills the line above with where the device says that it is; whoever would rather write it, may.
  askPlace(button) {
    const question = button.closest("[data-question]");
    const input = question.querySelector("input");
    const waits = (isWaiting) => button.setAttribute("aria-disabled", String(isWaiting));
    const fails = () => {
      waits(false);
      this.complain(question, button.dataset.here, true);
    };
    const fill = ({ coords }) => {
      waits(false);
      input.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      this.typed(input);
    };
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      waits(true);
      if (navigator.geolocation) navigator.geolocation.getCurrentPosition(fill, fails, { timeout: 10000, enableHighAccuracy: true });
      else fails();
    });
  }

  askFiles(input) {
    const question = input.closest("[data-question]");
    const { question: name } = question.dataset;
    this.files.set(name, []);
    input.addEventListener("change", async () => {
      const chosen = [...input.files];
      input.value = "";
      this.complain(question, "");
      for (const file of chosen) {
        const chip = this.addChip(name, file.name);
        try {
          chip.settle((await upload(file)).id);
        } catch (error) {
          chip.remove();
          this.complain(question, `${file.name}: ${error.message}`);
        }
      }
    });
  }

  // A file's chip under its question: it waits until `settle(id)`.
  addChip(question, name) {
    const list = this.questions().find((one) => one.dataset.question === question).querySelector("[data-chips]");
    const chip = makeChip(list, name, () => {
      chip.remove();
      this.files.set(question, this.files.get(question).filter((one) => one.chip !== chip));
      this.keepFiles();
      list.parentElement.querySelector("input").focus();
    });
    const settle = (id) => {
      if (!chip.isConnected) return;
      this.files.get(question).push({ id, name, chip });
      chip.classList.remove("waiting");
      this.keepFiles();
    };
    return { settle, remove: () => chip.remove() };
  }

  // A name that was typed but not chosen says nothing; better to ask than to lose it.
  unchosen() {
    return this.questions().find((question) => this.who.get(question.dataset.question)?.isUnchosen);
  }

  // All that has to be answered and is not, so that nobody hears of it one by one.
  missing() {
    const answers = this.answers();
    const isAnswered = (name) => this.files.get(name)?.length || String(answers[name] ?? "").trim();
    return this.questions().filter(({ dataset }) => "required" in dataset && !isAnswered(dataset.question));
  }

  async submit() {
    if (this.isSending || this.form.querySelector(".chip.waiting")) return;
    const unchosen = this.unchosen();
    if (unchosen) return this.complain(unchosen, say("choose"), true);
    this.questions().forEach((question) => this.complain(question, ""));
    const missing = this.missing();
    missing.forEach((question) => this.complain(question, say("missing"), question === missing[0]));
    if (missing.length) return;
    this.sending(true);
    try {
      await this.post();
    } catch (error) {
      this.trouble(error.field, error.message);
    } finally {
      this.sending(false);
    }
  }

  async post() {
    const files = [...this.files].map(([name, chosen]) => [name, chosen.map((file) => file.id)]);
    const data = await post("form", {
      form: this.form.dataset.asking,
      about: this.form.dataset.about,
      answers: this.answers(),
      files: Object.fromEntries(files.filter(([, ids]) => ids.length)),
      client_id: this.id,
      ...this.where,
    });
    this.id = newId();
    if (data.error) return this.trouble(data.field, data.error);
    this.forget();
    if (data.reply?.kind !== "form") dialog.close();
    this.answered(data);
  }

  sending(isSending) {
    this.isSending = isSending;
    this.form.querySelector("[type=submit]").setAttribute("aria-disabled", String(isSending));
  }

  trouble(field, words) {
    const question = this.questions().find((one) => one.dataset.question === field);
    if (question) return this.complain(question, words, true);
    const line = this.form.querySelector("[data-form-trouble]");
    line.textContent = words;
    line.hidden = false;
    line.scrollIntoView({ block: "nearest" });
  }

  complain(question, words, focus = false) {
    this.form.querySelector("[data-form-trouble]").hidden = true;
    if (!question) return;
    const line = question.querySelector("[data-trouble]");
    line.textContent = words;
    line.hidden = !words;
    question.classList.toggle("wrong", Boolean(words));
    const controls = [...question.querySelectorAll("input, select, textarea")];
    controls.forEach((control) => (words ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid")));
    if (focus) controls[0]?.focus();
  }
}

function countLeft(control) {
  const line = control.closest("[data-question]")?.querySelector("[data-count-left]");
  const most = Number(control.dataset.most);
  if (!line || !most || control.type === "file") return;
  const left = most - [...control.value].length;
  line.hidden = left > most * 0.2;
  line.classList.toggle("over", left < 0);
  line.textContent = left < 0 ? say("over", { n: -left }) : say("left", { n: left });
}
