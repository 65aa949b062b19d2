import { describe, expect, it } from "vitest";
import { ScorePlayer, type Arrangement } from "../src/score/player";
import { decode } from "../src/wire";
import type { Clock, Window } from "../src/wire.generated";
import { buffer, golden } from "./golden";

type Step =
  | { op: "window"; bytes: string; t_s: number | null }
  | { op: "clock"; bytes: string }
  | { op: "arrangement"; t_s: number | null; arrangement: Arrangement }
  | {
      op: "pose"; t_s: number; beat_position: number; dance_position: number;
      origin: number[]; hands: number[][]; foot_contact: number[][]; positions: string;
    };
interface Golden {
  tolerance_m: number;
  tolerance_beats: number;
  scripts: { name: string; delay_s: number; steps: Step[] }[];
}

const vectors = golden<Golden>("player.json");

describe("score player: golden vectors", () => {
  it("has scripts", () => expect(vectors.scripts.length).toBeGreaterThan(5));
  it.each(vectors.scripts.map((script) => [script.name, script] as const))("%s", (_, script) => {
    const player = new ScorePlayer(script.delay_s);
    for (const step of script.steps) {
      if (step.op === "window") player.addWindow(message<Window>(step.bytes), step.t_s);
      else if (step.op === "clock") player.setClock(message<Clock>(step.bytes));
      else if (step.op === "arrangement") player.setArrangement(step.arrangement, step.t_s);
      else check(player, step);
    }
  });
});

function message<T>(base64: string): T {
  const decoded = decode(new Uint8Array(buffer(base64)));
  expect(decoded).not.toBeNull();
  return decoded as T;
}

function check(player: ScorePlayer, step: Extract<Step, { op: "pose" }>): void {
  const frame = player.poseAt(step.t_s);
  expect(Math.abs(frame.beat - step.beat_position)).toBeLessThan(vectors.tolerance_beats);
  expect(Math.abs(frame.dance - step.dance_position)).toBeLessThan(vectors.tolerance_beats);
  expect(frame.dancers.map((d) => d.origin)).toEqual(step.origin);
  expect(frame.dancers.map((d) => [...d.hands])).toEqual(step.hands);
  const wanted = new Float32Array(buffer(step.positions));
  frame.dancers.forEach((dancer, n) => {
    let worst = 0;
    dancer.places.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - wanted[n * 69 + i]!))));
    expect(worst, `t = ${step.t_s}, dancer ${n}`).toBeLessThan(vectors.tolerance_m);
    dancer.contact.forEach((value, i) => expect(value).toBeCloseTo(step.foot_contact[n]![i]!, 5));
  });
}
