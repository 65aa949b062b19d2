/** Ribbons that hands and feet leave. Fed with places in the world, so the camera may move while they fade. */
import { INDEX } from "../score/rig";
import type { DancerPose, Frame } from "../score/player";
import type { Vector } from "../score/rotations";
import type { View } from "./camera";
import { worldOf } from "./figure";
import { faded, type Palette } from "./palettes";

const LIFE_S = 0.6;
const GAP_S = 0.25;
const WIDTH_M = 0.055;

const TIPS: readonly { readonly joint: number; readonly offset: Vector; readonly side: "left" | "right"; readonly share: number }[] = [
  { joint: INDEX.l_wrist, offset: [0.12, 0, 0], side: "right", share: 1 },
  { joint: INDEX.r_wrist, offset: [-0.12, 0, 0], side: "left", share: 1 },
  { joint: INDEX.l_toe, offset: [0, 0, 0], side: "right", share: 0.45 },
  { joint: INDEX.r_toe, offset: [0, 0, 0], side: "left", share: 0.45 },
];

interface Crumb {
  readonly t_s: number;
  readonly tips: readonly Vector[];
}

export class Ribbons {
  private readonly crumbs = new Map<number, Crumb[]>();

  clear(): void {
    this.crumbs.clear();
  }

  add(frame: Frame): void {
    const here = new Set(frame.dancers.map((d) => d.id));
    for (const id of [...this.crumbs.keys()]) if (!here.has(id)) this.crumbs.delete(id);
    for (const dancer of frame.dancers) {
      const known = this.crumbs.get(dancer.id) ?? [];
      const newest = known[known.length - 1];
      const kept = newest && frame.t_s - newest.t_s < GAP_S && frame.t_s >= newest.t_s
        ? known.filter((c) => c.t_s > frame.t_s - LIFE_S) : [];
      kept.push({ t_s: frame.t_s, tips: tipsOf(dancer) });
      this.crumbs.set(dancer.id, kept);
    }
  }

  /** `gain` scales light, `widen` the width (the glow is drawn wider than the line). */
  draw(context: CanvasRenderingContext2D, view: View, id: number, palette: Palette, gain: number, widen: number): void {
    const crumbs = this.crumbs.get(id) ?? [];
    if (crumbs.length < 3) return;
    const now = crumbs[crumbs.length - 1]!.t_s;
    context.lineCap = "round";
    TIPS.forEach((tip, k) => {
      const colour = palette[tip.side];
      let before = view.project(...crumbs[0]!.tips[k]!);
      let middle = before;
      for (let i = 1; i < crumbs.length; i++) {
        const here = view.project(...crumbs[i]!.tips[k]!);
        const next = { x: (before.x + here.x) / 2, y: (before.y + here.y) / 2 };
        const fresh = Math.max(0, 1 - (now - crumbs[i]!.t_s) / LIFE_S);
        const moved = Math.hypot(here.x - before.x, here.y - before.y) / here.scale;
        const light = gain * tip.share * fresh ** 1.6 * Math.min(1, moved * 45);
        if (light > 0.01) {
          context.strokeStyle = faded(colour, light);
          context.lineWidth = Math.max(0.75, WIDTH_M * here.scale * fresh * widen * tip.share);
          context.beginPath();
          context.moveTo(middle.x, middle.y);
          context.quadraticCurveTo(before.x, before.y, next.x, next.y);
          context.stroke();
        }
        before = here;
        middle = { ...here, ...next };
      }
    });
  }
}

function tipsOf(dancer: DancerPose): Vector[] {
  return TIPS.map((tip) => worldOf(dancer, tip.joint, tip.offset));
}
