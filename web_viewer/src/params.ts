/** What the address of the page asks for; a source in OBS is configured by its address alone. */

import { CAMERAS } from "./draw/camera";
import { paletteOf } from "./draw/settings";

/** auto: 3-D where a graphics card draws it, else 2-D. */
export type Mode = "auto" | "2d" | "3d" | "frames";

export interface Params {
  readonly transparent: boolean;
  readonly mode: Mode;
  readonly hud: boolean;
  /** null: what the show says. */
  readonly palette: number | null;
  readonly scene: number | null;
  /** Dancers behind those of the show; null: as the scene has it. */
  readonly crowd: number | null;
  readonly bloom: boolean | null;
  readonly camera: string | null;
  readonly delay_ms: number;
  readonly mirror: boolean;
  readonly scale: number;
  /** Only from the fragment, which browsers never send. */
  readonly token: string;
}

const MODES: readonly Mode[] = ["auto", "2d", "3d", "frames"];
const CAMERA_NAMES: ReadonlyMap<string, string> = new Map([...CAMERAS.map((name) => [name, name] as const), ["fixed", "wide"]]);

export function parseParams(search: string, hash: string): Params {
  const query = new URLSearchParams(search);
  const scene = sceneOrNull(query.get("scene"));
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    transparent: isOn(query.get("transparent")),
    mode: MODES.find((mode) => mode === query.get("mode")) ?? "auto",
    hud: isOn(query.get("hud")),
    palette: wholeOrNull(query.get("palette")) ?? paletteOf(scene),
    scene,
    crowd: query.get("crowd") === null ? null : Math.round(bounded(query.get("crowd"), 0, 64, 0)),
    bloom: query.get("bloom") === null ? null : isOn(query.get("bloom")),
    camera: CAMERA_NAMES.get(query.get("cam") ?? query.get("camera") ?? "") ?? null,
    delay_ms: bounded(query.get("delay"), -1000, 2000, 0),
    mirror: isOn(query.get("mirror")),
    scale: bounded(query.get("scale"), 0.25, 1, 1),
    token: fragment.get("token") ?? "",
  };
}

function isOn(text: string | null): boolean {
  return text !== null && !["0", "false", "off", "no"].includes(text.toLowerCase());
}

function wholeOrNull(text: string | null): number | null {
  return text !== null && /^\d{1,3}$/.test(text) ? Number(text) : null;
}

function sceneOrNull(text: string | null): number | null {
  return text !== null && /^[1-9]$/.test(text) ? Number(text) : null;
}

function bounded(text: string | null, low: number, high: number, otherwise: number): number {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}
