/** The room: dark haze, beams, a floor with rings that run out on the beat. */
import type { View } from "./camera";
import { faded, mix, type Palette } from "./palettes";

const RINGS = 3;
const RING_POINTS = 56;
const RING_REACH_M = 2.4;

/** The part that does not move, drawn once per size, palette and horizon. */
export class Backdrop {
  private readonly canvas = document.createElement("canvas");
  private key = "";

  paint(target: CanvasRenderingContext2D, view: View, palette: Palette): void {
    const key = `${view.width}x${view.height}/${palette.name}/${Math.round(view.horizon / 8)}`;
    if (key !== this.key) {
      this.key = key;
      this.canvas.width = view.width;
      this.canvas.height = view.height;
      drawRoom(this.canvas.getContext("2d")!, view, palette);
    }
    target.drawImage(this.canvas, 0, 0);
  }
}

/** Rings on the floor round each dancer: the newest starts on the beat and runs outwards. */
export function drawRings(
  context: CanvasRenderingContext2D, view: View, palette: Palette, centre: readonly [number, number], beat: number, strength: number,
): void {
  const phase = beat - Math.floor(beat);
  for (let ring = 0; ring < RINGS; ring++) {
    const age = (phase + ring) / RINGS;
    const light = (1 - age) ** 2 * (ring === 0 ? 0.9 : 0.55) * strength;
    if (light < 0.02) continue;
    const radius = 0.35 + RING_REACH_M * age ** 0.8;
    context.strokeStyle = faded(palette.core, light);
    context.lineWidth = Math.max(1, view.height * 0.0035 * (1 - 0.6 * age));
    context.stroke(circleOnFloor(view, centre, radius));
  }
}

/** A pool of light under a dancer. */
export function drawPool(
  context: CanvasRenderingContext2D, view: View, palette: Palette, centre: readonly [number, number], strength: number,
): void {
  const middle = view.project(centre[0], 0, centre[1]);
  const back = view.project(centre[0], 0, centre[1] - 1);
  const front = view.project(centre[0], 0, centre[1] + 0.9);
  const wide = 1.35 * middle.scale;
  context.save();
  context.translate(middle.x, middle.y);
  context.scale(1, Math.max(0.03, (front.y - back.y) / (2 * wide)));
  const light = context.createRadialGradient(0, 0, 0, 0, 0, wide);
  light.addColorStop(0, faded(palette.haze, 0.55 * strength));
  light.addColorStop(0.45, faded(palette.haze, 0.2 * strength));
  light.addColorStop(1, faded(palette.haze, 0));
  context.fillStyle = light;
  context.fillRect(-wide, -wide, 2 * wide, 2 * wide);
  context.restore();
}

function circleOnFloor(view: View, [cx, cz]: readonly [number, number], radius: number): Path2D {
  const path = new Path2D();
  for (let i = 0; i < RING_POINTS; i++) {
    const angle = (2 * Math.PI * i) / RING_POINTS;
    const p = view.project(cx + radius * Math.cos(angle), 0, cz + radius * Math.sin(angle));
    if (i === 0) path.moveTo(p.x, p.y);
    else path.lineTo(p.x, p.y);
  }
  path.closePath();
  return path;
}

function drawRoom(context: CanvasRenderingContext2D, view: View, palette: Palette): void {
  const { width, height } = view;
  const horizon = Math.min(Math.max(view.horizon, 0), height);
  const wall = context.createLinearGradient(0, 0, 0, horizon);
  wall.addColorStop(0, mix("#020207", palette.haze, 0.03));
  wall.addColorStop(0.65, mix("#030309", palette.haze, 0.1));
  wall.addColorStop(1, mix("#04040c", palette.haze, 0.2));
  context.fillStyle = wall;
  context.fillRect(0, 0, width, horizon);
  const floor = context.createLinearGradient(0, horizon, 0, height);
  floor.addColorStop(0, mix("#04040c", palette.haze, 0.2));
  floor.addColorStop(0.4, mix("#030309", palette.haze, 0.07));
  floor.addColorStop(1, mix("#020206", palette.haze, 0.02));
  context.fillStyle = floor;
  context.fillRect(0, horizon, width, height - horizon);
  drawBeams(context, width, height, horizon, palette);
  drawGrid(context, view, palette);
  const edge = context.createRadialGradient(width / 2, height * 0.52, height * 0.3, width / 2, height * 0.52, Math.hypot(width, height) * 0.56);
  edge.addColorStop(0, "rgba(0,0,0,0)");
  edge.addColorStop(1, "rgba(0,0,0,0.72)");
  context.fillStyle = edge;
  context.fillRect(0, 0, width, height);
}

function drawBeams(context: CanvasRenderingContext2D, width: number, height: number, horizon: number, palette: Palette): void {
  context.save();
  context.globalCompositeOperation = "lighter";
  const colours = [palette.left, palette.haze, palette.haze, palette.right];
  colours.forEach((colour, i) => {
    const from = width * (0.14 + 0.24 * i);
    const to = width * (0.5 + (i - 1.5) * 0.1);
    const spread = height * 0.17;
    // Several narrower cones over one another give a soft edge without a blur.
    for (let soft = 1; soft <= 5; soft++) {
      const light = context.createLinearGradient(0, 0, 0, horizon * 1.25);
      light.addColorStop(0, faded(colour, 0.034));
      light.addColorStop(1, faded(colour, 0));
      context.fillStyle = light;
      const w = (spread * soft) / 5;
      context.beginPath();
      context.moveTo(from - w * 0.08, -4);
      context.lineTo(from + w * 0.08, -4);
      context.lineTo(to + w, horizon * 1.25);
      context.lineTo(to - w, horizon * 1.25);
      context.fill();
    }
  });
  context.restore();
}

function drawGrid(context: CanvasRenderingContext2D, view: View, palette: Palette): void {
  context.lineWidth = 1;
  for (let metre = -9; metre <= 9; metre++) {
    const across = [view.project(-9, 0, -metre), view.project(9, 0, -metre)];
    const along = [view.project(metre, 0, -9), view.project(metre, 0, 3)];
    for (const [a, b] of [across, along]) {
      if (a!.y > view.height * 3 || b!.y > view.height * 3) continue;
      context.strokeStyle = faded(palette.haze, 0.16);
      context.beginPath();
      context.moveTo(a!.x, a!.y);
      context.lineTo(b!.x, b!.y);
      context.stroke();
    }
  }
}
