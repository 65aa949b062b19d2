/**
 * Presets on the control page: a button each to recall, a name and a button to save, and, behind a switch, what renames
 * and deletes. What cannot be taken back is asked about first, in the page itself: a show never stops for a dialog.
 */
import type { KeyAct } from "../keys";
import { element } from "./view";

/** As livedance/control/presets.py; a test compares. */
export const MAX_NAME = 40;
export const MAX_PRESETS = 64;
/** So many have a key: Shift and their number. */
const KEYED = 9;

export interface Known {
  readonly names: readonly string[];
  /** What has just been done; empty for those who come later. */
  readonly done: string;
  readonly problem: string;
}

/** The stage's word about its presets, read with care; null where it makes no sense. */
export function parsePresets(message: Readonly<Record<string, unknown>>): Known | null {
  const names = message["names"];
  if (!Array.isArray(names) || names.length > MAX_PRESETS || !names.every((name) => typeof name === "string")) return null;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return { names: names as string[], done: text(message["done"]), problem: text(message["problem"]) };
}

/** The number of the preset that a key recalls, from 1; 0 where it recalls none. */
export function numberOf(event: Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">): number {
  // A layout on which Shift writes the digit keeps it for the scene.
  if (!event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || /^\d$/.test(event.key)) return 0;
  return Number(/^Digit([1-9])$/.exec(event.code)?.[1] ?? 0);
}

export const recall = (name: string): KeyAct => ({ op: "preset", args: { value: name } });

type Send = (act: KeyAct, said?: string) => void;

export class Presets {
  readonly root = element("fieldset", { id: "presets" }, [element("legend", { textContent: "Presets" })]);
  private readonly shelf = element("div", { className: "row", role: "group", ariaLabel: "recall a preset" });
  private readonly name = element("input", { type: "text", maxLength: MAX_NAME, autocomplete: "off", spellcheck: false, enterKeyHint: "done" });
  private readonly edit = element("button", { type: "button", textContent: "Rename or delete", title: "Show what renames and deletes presets" });
  private readonly asked = element("div", { className: "asked" });
  private readonly problem = element("p", { className: "problem", role: "alert" });
  private names: readonly string[] = [];
  private isEditing = false;

  constructor(private readonly send: Send) {
    const save = element("button", { type: "submit", textContent: "Save", title: "Save style, company, look and view as they are now" });
    const form = element("form", { className: "row", autocomplete: "off" }, [element("label", {}, ["Name", this.name]), save, this.edit]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save(this.name.value.trim());
    });
    this.edit.addEventListener("click", () => {
      this.isEditing = !this.isEditing;
      this.answer(null);
      this.fill();
    });
    this.root.append(this.shelf, form, this.asked, this.problem);
    this.fill();
  }

  /** The stage has spoken. */
  take({ names, problem }: Known): void {
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
    if (names.length === this.names.length && names.every((name, i) => name === this.names[i])) return;
    this.names = names;
    this.fill();
  }

  /** The preset that a key recalls; null where it recalls none. */
  keyed(event: KeyboardEvent): string | null {
    return this.names[numberOf(event) - 1] ?? null;
  }

  private save(name: string): void {
    const clear = (): void => {
      this.name.value = "";
    };
    if (name === "") return this.name.focus();
    if (!this.names.includes(name)) {
      this.send({ op: "preset_save", args: { value: name } });
      clear();
      return;
    }
    this.ask(`Replace '${name}' with the settings of now?`, "Replace", () => {
      this.send({ op: "preset_save", args: { value: name, overwrite: true } });
      clear();
    });
  }

  /** Every preset anew, with the focus where it was. */
  private fill(): void {
    const held = this.shelf.contains(document.activeElement) ? document.activeElement?.getAttribute("data-at") : null;
    this.edit.hidden = this.names.length === 0;
    if (this.edit.hidden) this.isEditing = false;
    this.edit.setAttribute("aria-pressed", String(this.isEditing));
    this.shelf.replaceChildren(...this.names.map((name, i) => (this.isEditing ? this.editable(name) : this.recaller(name, i + 1))));
    this.shelf.hidden = this.names.length === 0;
    if (held == null) return;
    const again = [...this.shelf.querySelectorAll<HTMLElement>("[data-at]")].find((each) => each.dataset["at"] === held);
    (again ?? this.shelf.querySelector("button") ?? this.name).focus();
  }

  private recaller(name: string, number: number): HTMLElement {
    const button = element("button", { type: "button", className: "preset", title: `Recall '${name}'` }, [
      element("b", { textContent: String(number) }), element("bdi", { textContent: name }),
    ]);
    button.dataset["at"] = name;
    if (number <= KEYED) button.setAttribute("aria-keyshortcuts", `Shift+${number}`);
    button.addEventListener("click", () => this.send(recall(name), `Recalled '${name}'`));
    return button;
  }

  private editable(name: string): HTMLElement {
    const button = (does: string, act: () => void): HTMLButtonElement => {
      const made = element("button", { type: "button", textContent: does, ariaLabel: `${does} ${name}` });
      made.dataset["at"] = `${does} ${name}`;
      made.addEventListener("click", act);
      return made;
    };
    return element("div", { className: "row", role: "group", ariaLabel: name }, [
      element("bdi", { textContent: name }),
      button("Rename", () => this.askName(name)),
      button("Delete", () => this.ask(`Delete '${name}'?`, "Delete", () => this.send({ op: "preset_delete", args: { value: name } }))),
    ]);
  }

  private ask(question: string, does: string, act: () => void): void {
    const yes = element("button", { type: "submit", textContent: does, className: "risky" });
    this.put(question, [element("span", { textContent: question }), yes], act, null);
  }

  private askName(name: string): void {
    const field = element("input", { type: "text", maxLength: MAX_NAME, autocomplete: "off", spellcheck: false, value: name });
    const yes = element("button", { type: "submit", textContent: "Rename" });
    const question = `New name of '${name}'`;
    const act = (): void => {
      if (field.value.trim() !== "" && field.value.trim() !== name) this.send({ op: "preset_rename", args: { value: name, to: field.value.trim() } });
    };
    this.put(question, [element("label", {}, [question, field]), yes], act, field);
    field.select();
  }

  /**
   * One question at a time; Escape and Cancel answer no, and the focus goes back to where it came from. Without another
   * place it begins at Cancel: a key that is held down must not say yes.
   */
  private put(question: string, children: readonly Node[], act: () => void, first: HTMLElement | null): void {
    const from = document.activeElement as HTMLElement | null;
    const no = element("button", { type: "button", textContent: "Cancel" });
    const form = element("form", { className: "row", role: "alertdialog", ariaLabel: question, autocomplete: "off" }, [...children, no]);
    no.addEventListener("click", () => this.answer(from));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.answer(from);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act();
      this.answer(from);
    });
    this.asked.replaceChildren(form);
    (first ?? no).focus();
  }

  private answer(focus: HTMLElement | null): void {
    this.asked.replaceChildren();
    focus?.focus();
  }
}
