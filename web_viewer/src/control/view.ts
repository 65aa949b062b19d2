/** Builds the page from the groups, shows what the show says, and tells what a hand changed. */
import type { KeyAct } from "../keys";
import { actOf, GROUPS, type Choice, type Item, type Press, type Slider, type Switch } from "./desk";

type Values = Readonly<Record<string, unknown>>;
type Send = (act: KeyAct) => void;
/** Shows the show's word; never under somebody's fingers. */
type Update = (controls: Values) => void;

/** Every group as a fieldset; returns what brings them up to date. */
export function build(root: HTMLElement, send: Send): Update {
  const updates: Update[] = [];
  for (const group of GROUPS) {
    const set = element("fieldset", {}, [element("legend", { textContent: group.name })]);
    for (const item of group.items) updates.push(place(set, item, send));
    root.append(set);
  }
  return (controls) => updates.forEach((update) => update(controls));
}

function place(set: HTMLElement, item: Item, send: Send): Update {
  switch (item.kind) {
    case "press": return placePress(set, item, send);
    case "switch": return placeSwitch(set, item, send);
    case "choice": return item.isWide ? placeButtons(set, item, send) : placeList(set, item, send);
    case "slider": return placeSlider(set, item, send);
  }
}

function placePress(set: HTMLElement, item: Press, send: Send): Update {
  const button = element("button", { type: "button", textContent: item.label, title: item.title ?? "" });
  // On the way down: a tap counts when it is felt, not when the finger leaves.
  button.addEventListener("pointerdown", () => send(item.act));
  button.addEventListener("click", (event) => {
    if (event.detail === 0) send(item.act); // by keyboard
  });
  set.append(button);
  return () => undefined;
}

function placeSwitch(set: HTMLElement, item: Switch, send: Send): Update {
  const button = element("button", { type: "button", textContent: item.label, title: item.title ?? "" });
  button.addEventListener("click", () => send(actOf(item, button.getAttribute("aria-pressed") !== "true")));
  set.append(button);
  return (controls) => button.setAttribute("aria-pressed", String(controls[item.field] === true));
}

function placeButtons(set: HTMLElement, item: Choice, send: Send): Update {
  const buttons = item.options.map(({ value, label }) => {
    const button = element("button", { type: "button", textContent: label });
    button.addEventListener("click", () => send(actOf(item, value)));
    return button;
  });
  set.append(element("div", { className: "row", role: "group", ariaLabel: item.label }, buttons));
  return (controls) => item.options.forEach(({ value }, i) => buttons[i]!.setAttribute("aria-pressed", String(controls[item.field] === value)));
}

function placeList(set: HTMLElement, item: Choice, send: Send): Update {
  const list = element("select", {}, item.options.map(({ value, label }) => new Option(label, String(value))));
  list.addEventListener("change", () => {
    const chosen = item.options.find(({ value }) => String(value) === list.value);
    if (chosen !== undefined) send(actOf(item, chosen.value));
  });
  set.append(element("label", {}, [item.label, list]));
  return (controls) => {
    const value = String(controls[item.field] ?? "");
    if (document.activeElement === list || list.value === value) return;
    // A mix of styles, or a palette beyond the names, is shown as it is called.
    if (![...list.options].some((option) => option.value === value)) list.append(new Option(value, value));
    list.value = value;
  };
}

function placeSlider(set: HTMLElement, item: Slider, send: Send): Update {
  const { low, high, step } = item;
  const slider = element("input", { type: "range", min: String(low), max: String(high), step: String(step) });
  const told = element("output", {});
  slider.addEventListener("input", () => send(actOf(item, slider.valueAsNumber)));
  set.append(element("label", { className: "slider" }, [item.label, slider, told]));
  const free = item.free === undefined ? null : element("button", { type: "button", textContent: `${item.label} ${item.free}` });
  free?.addEventListener("click", () => send(actOf(item, null)));
  if (free !== null) set.append(free);
  return (controls) => {
    const value = controls[item.field];
    if (document.activeElement !== slider) slider.valueAsNumber = typeof value === "number" ? value : (low + high) / 2;
    told.textContent = typeof value === "number" ? String(Math.round(100 * value) / 100) : "music";
    free?.setAttribute("aria-pressed", String(value === null));
  };
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, values: Partial<HTMLElementTagNameMap[K]>, children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...children);
  return made;
}
