/** The sticky state of the show, read with care: a missing or odd value is what a fresh show has. */
import { STILL, type Moved } from "./draw/camera";
import type { Arrangement, ShownDancer } from "./score/player";

export interface Track {
  readonly url: string;
  /** Show time at which the track's first sample is heard. */
  readonly t0_s: number;
  readonly paused: boolean;
}

export interface ShowState {
  readonly blackout: boolean;
  readonly fade_ms: number;
  readonly freeze: boolean;
  readonly palette: number;
  /** From 1. */
  readonly scene: number;
  readonly camera: string;
  readonly moved: Moved;
  readonly delay_ms: number;
  readonly message: string;
  readonly heard: string;
  readonly track: Track | null;
  readonly arrangement: Arrangement | null;
  /** Whether company, formation and picture follow the music. */
  readonly director: boolean;
  readonly dancers: number;
  readonly formation: string;
}

export const FRESH: ShowState = {
  blackout: false, fade_ms: 60, freeze: false, palette: 0, scene: 1, camera: "front", moved: STILL, delay_ms: 0, message: "", heard: "",
  track: null, arrangement: null, director: false, dancers: 1, formation: "unison",
};

type Tree = Record<string, unknown>;

export function parseState(value: unknown): ShowState {
  const state = tree(value);
  const controls = tree(state["controls"]);
  const audio = tree(state["audio"]);
  return {
    blackout: state["blackout"] === true,
    fade_ms: number(controls["blackout_fade_ms"], FRESH.fade_ms),
    freeze: state["freeze"] === true,
    palette: Math.trunc(number(state["palette"], 0)),
    scene: Math.trunc(number(state["scene"], 1)),
    camera: text(state["camera"]) || FRESH.camera,
    moved: moved(controls),
    delay_ms: delayOf(controls["delay_ms"]),
    message: text(state["message"]).slice(0, 200),
    heard: text(audio["name"]),
    track: audio["play"] === "browser" ? track(audio) : null,
    arrangement: arrangement(state["arrangement"]),
    director: controls["director"] === true,
    dancers: Math.trunc(number(controls["dancers"], FRESH.dancers)),
    formation: text(controls["formation"]) || FRESH.formation,
  };
}

function moved(controls: Tree): Moved {
  return {
    yaw: (number(controls["camera_yaw_deg"], 0) * Math.PI) / 180, away: number(controls["camera_dist_m"], 0),
    x: number(controls["camera_x_m"], 0), y: number(controls["camera_y_m"], 0),
  };
}

/** Extra delay of the page: that of all outputs and its own. */
function delayOf(value: unknown): number {
  const delays = tree(value);
  return number(delays["*"], 0) + number(delays["web"], 0);
}

function track(audio: Tree): Track | null {
  const url = text(audio["url"]);
  // Only our own files: the address comes over the network.
  if (!/^\/audio\/[\w.%-]+$/.test(url)) return null;
  return { url, t0_s: number(audio["t0_s"], 0), paused: audio["paused"] === true };
}

function arrangement(value: unknown): Arrangement | null {
  const found = tree(value);
  const rows = found["dancers"];
  if (!Array.isArray(rows) || rows.length > 64) return null;
  const dancers = rows.map((row, i): ShownDancer => {
    const d = tree(row);
    return {
      id: number(d["id"], i), source: number(d["source"], 0), mirror: d["mirror"] === true,
      lag_beats: Math.min(8, Math.max(0, number(d["lag_beats"], 0))),
      x_m: number(d["x_m"], 0), z_m: number(d["z_m"], 0), yaw_rad: number(d["yaw_rad"], 0),
    };
  });
  return { beat: number(found["beat"], 0), dancers };
}

function tree(value: unknown): Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function number(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
