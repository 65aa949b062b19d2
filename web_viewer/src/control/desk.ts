/** The control page as data: groups of buttons, choices and sliders, and what each asks of the show. */
import { CAMERAS } from "../draw/camera";
import { PALETTES } from "../draw/palettes";
import { SETTINGS } from "../draw/settings";
import { DANCERS_MOST, FORMATIONS } from "../desk";
import type { KeyAct } from "../keys";

/** Styles of the motion library (a test compares); `auto` follows the music. */
export const STYLES = ["auto", "groove", "club", "hype", "jazz", "modern", "break", "salsa", "indian"] as const;
/** Looks of the window and of painted pictures; pages draw the scenes themselves. */
const LOOKS = ["auto", "mesh", "neon", "silhouette", "skeleton", "none"] as const;
export const OUTPUTS = ["web", "window", "osc", "*"] as const;

interface Named {
  readonly label: string;
  /** More than the label says, for those who hover or listen. */
  readonly title?: string;
}

/** Does something once. */
export interface Press extends Named {
  readonly kind: "press";
  readonly act: KeyAct;
}

/** Is on or off: a switch of `Controls`. */
export interface Switch extends Named {
  readonly kind: "switch";
  readonly field: string;
}

/** One of several values of a field. */
export interface Choice extends Named {
  readonly kind: "choice";
  readonly field: string;
  readonly options: readonly { readonly value: string | number; readonly label: string }[];
  /** Side by side as buttons, or in a list. */
  readonly isWide: boolean;
}

/** A number of a field; `free` is what an empty box means. */
export interface Slider extends Named {
  readonly kind: "slider";
  readonly field: string;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly free?: string;
}

export type Item = Press | Switch | Choice | Slider;

export interface Group {
  readonly name: string;
  readonly items: readonly Item[];
}

const press = (label: string, op: string, title: string, value?: number): Press =>
  ({ kind: "press", label, title, act: value === undefined ? { op } : { op, value } });
const flip = (label: string, field: string, title: string): Switch => ({ kind: "switch", label, field, title });
const choice = (label: string, field: string, options: readonly (string | number)[], names: readonly string[], isWide = true): Choice =>
  ({ kind: "choice", label, field, isWide, options: options.map((value, i) => ({ value, label: names[i]! })) });

export const GROUPS: readonly Group[] = [
  {
    name: "Beat",
    items: [
      press("Tap", "tap", "Tap the tempo: each tap is a beat"),
      press("This is one", "resync", "This beat is the first of the bar"),
      press("Half beat", "half", "Off-beat becomes beat"),
      press("− 10 ms", "nudge_ms", "The beat is earlier", -10),
      press("+ 10 ms", "nudge_ms", "The beat is later", 10),
      press("½", "halve", "Dance at half speed, from the next bar"),
      press("×2", "double", "Dance twice as fast, from the next bar"),
      press("Back to the music", "reset", "Take back taps, nudges, half and double"),
      flip("Keep tempo", "tempo_lock", "Keep the tempo, whatever is heard"),
    ],
  },
  {
    name: "Dance",
    items: [
      press("Hit", "hit", "An accent now"),
      press("New phrase", "phrase_new", "Begin another phrase"),
      press("Drop", "drop", "This is the drop: the widest dance from here"),
      flip("Hold phrase", "hold", "Stay on this phrase"),
      choice("Style", "style", STYLES, STYLES, false),
      { kind: "slider", label: "Energy", field: "energy", low: 0, high: 1, step: 0.05, free: "follows the music" },
      { kind: "slider", label: "Groove", field: "groove", low: 0, high: 1, step: 0.05 },
    ],
  },
  {
    name: "Company",
    items: [
      flip("Director", "director", "Company, formation, scene, palette and camera follow the music"),
      { kind: "slider", label: "Dancers", field: "dancers", low: 1, high: DANCERS_MOST, step: 1 },
      choice("Formation", "formation", FORMATIONS, FORMATIONS, false),
      flip("Mirror", "mirror", "Swap left and right"),
    ],
  },
  {
    name: "Picture",
    items: [
      choice("Scene", "scene", SETTINGS.map((_, i) => i + 1), SETTINGS.map(({ name }, i) => `${i + 1} ${name}`)),
      choice("Look of window and pictures", "look", LOOKS, LOOKS, false),
      choice("Palette", "palette", PALETTES.map((_, i) => i), PALETTES.map(({ name }) => name), false),
      choice("Camera", "camera", CAMERAS, CAMERAS),
      flip("Freeze", "freeze", "Stand still"),
    ],
  },
];

/** What a change of `item` to `value` asks of the show. */
export function actOf(item: Item, value: string | number | boolean | null): KeyAct {
  return item.kind === "press" ? item.act : { op: "set", args: { [item.field]: value } };
}
