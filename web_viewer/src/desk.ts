/** Director and formation by hand: a small form beside the info (key I), for pages that may control the show. */
import type { KeyAct } from "./keys";
import type { ShowState } from "./show_state";

/** As `VOCABULARY` of livedance/control/ops.py; a test compares. */
export const FORMATIONS = [
  "unison", "mirror", "canon", "individuals", "call", "solo", "couple",
  "line", "wedge", "circle", "arc", "rows", "diagonal",
] as const;
export const DANCERS_MOST = 16;

export type DeskState = Pick<ShowState, "director" | "dancers" | "formation">;

/** What a field that was changed asks of the show; null where it makes no sense. */
export function wishOf(name: string, value: string | boolean): KeyAct | null {
  if (name === "director") return { op: "set", args: { director: value === true } };
  if (name === "formation") return FORMATIONS.some((known) => known === value) ? { op: "set", args: { formation: value } } : null;
  const dancers = value === "" ? NaN : Math.round(Number(value));
  return name === "dancers" && dancers >= 1 && dancers <= DANCERS_MOST ? { op: "set", args: { dancers } } : null;
}

export class Desk {
  private readonly director: HTMLInputElement;
  private readonly dancers: HTMLInputElement;
  private readonly formation: HTMLSelectElement;

  constructor(private readonly form: HTMLFormElement, send: (act: KeyAct) => void) {
    const named = (name: string): HTMLElement => form.elements.namedItem(name) as HTMLElement;
    this.director = named("director") as HTMLInputElement;
    this.dancers = named("dancers") as HTMLInputElement;
    this.formation = named("formation") as HTMLSelectElement;
    this.dancers.max = String(DANCERS_MOST);
    this.formation.append(...FORMATIONS.map((name) => new Option(name, name)));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      const field = event.target as HTMLInputElement;
      const wish = wishOf(field.name, field.type === "checkbox" ? field.checked : field.value);
      if (wish !== null) send(wish);
    });
    // Keys in a field are the field's; Escape gives them back to the show.
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") (document.activeElement as HTMLElement | null)?.blur();
      if (!event.ctrlKey && !event.altKey && !event.metaKey) event.stopPropagation();
    });
  }

  /** Show what the show says, but never under somebody's fingers. */
  update(isShown: boolean, state: DeskState): void {
    if (this.form.hidden === isShown) this.form.hidden = !isShown;
    if (!isShown) return;
    if (this.director.checked !== state.director) this.director.checked = state.director;
    if (document.activeElement !== this.dancers && this.dancers.value !== String(state.dancers)) this.dancers.value = String(state.dancers);
    if (document.activeElement !== this.formation && this.formation.value !== state.formation) this.formation.value = state.formation;
  }
}
