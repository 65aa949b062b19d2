/**
 * A level perspective view whose framing follows the dancers slowly. Verticals stay upright: the picture is shifted
 * like a view camera's, so a low camera makes a tall dancer, not a leaning one.
 */
import type { Frame } from "../score/player";

interface Preset {
  /** Height of the lens: where the horizon lies. */
  readonly height: number;
  readonly distance: number;
  readonly yaw: number;
  /** Share of the usual picture height that is shown. */
  readonly zoom: number;
  /** Turn per dance beat. */
  readonly orbit: number;
}

export const CAMERAS = ["front", "orbit", "close", "wide", "low"] as const;
export const PRESETS: Readonly<Record<(typeof CAMERAS)[number], Preset>> = {
  front: { height: 1.05, distance: 6.5, yaw: 0, zoom: 1, orbit: 0 },
  orbit: { height: 1.25, distance: 6, yaw: 0, zoom: 1, orbit: Math.PI / 32 },
  close: { height: 1.35, distance: 5, yaw: 0.25, zoom: 0.82, orbit: 0 },
  wide: { height: 1.6, distance: 8, yaw: 0, zoom: 1.5, orbit: 0 },
  low: { height: 0.28, distance: 4.6, yaw: 0, zoom: 1, orbit: 0 },
};

/** Where people moved the camera from its preset (`livedance/render/camera.py`); it stays level. */
export interface Moved {
  readonly yaw: number;
  /** Further from the dancers; negative is nearer, and larger. */
  readonly away: number;
  readonly x: number;
  readonly y: number;
}

export const STILL: Moved = { yaw: 0, away: 0, x: 0, y: 0 };

/** Standing height of a dancer as a share of the picture's height. */
const FILL = 0.765;
const STATURE_M = 1.72;
const BELOW_FLOOR_M = 0.1;
/** Half of the width that one dancer needs. */
const REACH_M = 0.95;
const SETTLE_S = 0.9;
const NEAR_M = 0.4;

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Metres in front of the lens. */
  readonly depth: number;
  /** Pixels per metre there. */
  readonly scale: number;
}

/** One frozen projection. */
export class View {
  readonly floor: number;
  readonly horizon: number;
  private readonly focal: number;
  private readonly cos: number;
  private readonly sin: number;

  constructor(
    private readonly preset: Preset, yaw: number, private readonly centre: readonly [number, number],
    heightM: number, readonly width: number, readonly height: number, private readonly flip: boolean,
    private readonly moved: Moved = STILL,
  ) {
    this.focal = (height / heightM) * preset.distance;
    this.cos = Math.cos(yaw);
    this.sin = Math.sin(yaw);
    this.floor = height * (1 - BELOW_FLOOR_M / heightM);
    this.horizon = this.floor - (preset.height * this.focal) / preset.distance;
  }

  project(x: number, y: number, z: number): Point {
    const { moved } = this;
    const [cx, cz] = this.centre;
    const side = this.cos * (x - cx) - this.sin * (z - cz) - moved.x;
    const near = this.sin * (x - cx) + this.cos * (z - cz);
    const depth = Math.max(this.preset.distance + moved.away - near, NEAR_M);
    const scale = this.focal / depth;
    const px = 0.5 * this.width + side * scale;
    return { x: this.flip ? this.width - px : px, y: this.horizon - (y - this.preset.height - moved.y) * scale, depth, scale };
  }
}

export class Camera {
  private x = 0;
  private z = 0;
  private spread = 0;
  private last_s: number | null = null;

  /** The view of `frame`; the framing follows with a time constant, so it never jumps with the dancer. */
  view(frame: Frame, name: string, width: number, height: number, flip: boolean, moved: Moved = STILL): View {
    const preset = PRESETS[CAMERAS.find((known) => known === name) ?? "front"];
    this.follow(frame);
    const one = (STATURE_M / FILL) * preset.zoom;
    const needed = (2 * (this.spread + REACH_M) * height) / width;
    const heightM = frame.dancers.length > 1 ? Math.max(one, needed) : one;
    const yaw = preset.yaw + 0.6 * Math.sin(preset.orbit * frame.dance) * (preset.orbit > 0 ? 1 : 0);
    return new View(preset, yaw + moved.yaw, [this.x, this.z], heightM, width, height, flip, moved);
  }

  private follow(frame: Frame): void {
    const xs = frame.dancers.map((d) => d.places[0]!);
    const zs = frame.dancers.map((d) => d.places[2]!);
    if (xs.length === 0) return;
    const [low, high] = [Math.min(...xs), Math.max(...xs)];
    const dt = this.last_s === null ? Infinity : Math.max(0, frame.t_s - this.last_s);
    const share = 1 - Math.exp(-dt / SETTLE_S);
    this.x += (0.5 * (low + high) - this.x) * share;
    this.z += (zs.reduce((a, b) => a + b, 0) / zs.length - this.z) * share;
    this.spread += (0.5 * (high - low) - this.spread) * share;
    this.last_s = frame.t_s;
  }
}
