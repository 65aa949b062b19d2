/** What the 3-D stage decides without a card: bones, lens, ribbons' crowd, palettes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { STILL } from "../src/draw/camera";
import { SETTINGS, settingOf } from "../src/draw/settings";
import type { DancerPose, Frame } from "../src/score/player";
import { forwardKinematics } from "../src/score/rig";
import { Bones, bendsOf } from "../src/stage3d/bones";
import { Fade } from "../src/stage3d/colours";
import { members, Memory } from "../src/stage3d/crowd";
import { readCharacter } from "../src/stage3d/glb";
import { Lens, type Sight } from "../src/stage3d/lens";
import { golden } from "./golden";

const FOLDER = new URL("../../livedance/assets/viewer/", import.meta.url);

function character(name: string) {
  const bytes = readFileSync(new URL(`${name}.glb`, FOLDER));
  return readCharacter(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer);
}

function standing(id = 0, x = 0, z = 0, arms = 0): DancerPose {
  const turns = new Float64Array(92).map((_, i) => (i % 4 === 0 ? 1 : 0));
  for (const [joint, sign] of [[4, 1], [7, -1]] as const) turns.set([Math.cos(arms / 2), 0, 0, sign * Math.sin(arms / 2)], 4 * joint);
  return { id, ...forwardKinematics({ root: [x, 0.95, z], turns }), contact: new Float64Array(4), hands: [0, 0], origin: 1 };
}

function frame(t_s: number, ...dancers: DancerPose[]): Frame {
  return { t_s, beat: 2 * t_s, dance: 2 * t_s, dancers };
}

function seen({ matrix: m }: Sight, x: number, y: number, z: number): [number, number] {
  const at = (row: number): number => m[row]! * x + m[4 + row]! * y + m[8 + row]! * z + m[12 + row]!;
  return [at(0) / at(3), at(1) / at(3)];
}

describe("bones", () => {
  it("move as the look 'mesh' moves them", () => {
    const { dancers, names } = golden<{ names: string[]; dancers: { places: number[]; worlds: number[]; hands: [number, number]; motions: number[] }[] }>("bones.json");
    const { bones, rest } = character("rider");
    expect(bones).toEqual(names);
    const rig = new Bones(bones, rest, 1);
    for (const { places, worlds, hands, motions } of dancers) {
      const pose: DancerPose = { id: 0, places: new Float64Array(places), worlds: new Float64Array(worlds), contact: new Float64Array(4), hands, origin: 1 };
      const out = new Float32Array(12 * bones.length);
      rig.write(pose, bendsOf(hands), out, 0);
      motions.forEach((value, i) => expect(Math.abs(out[i]! - value), `${bones[Math.floor(i / 12)]} ${i % 12}`).toBeLessThan(2e-4));
    }
  });
});

describe("lens", () => {
  it("keeps raised and stretched hands in the picture, near and far", () => {
    for (const name of ["front", "wide", "low", "orbit"]) {
      for (const aspect of [16 / 9, 1, 9 / 16]) {
        const lens = new Lens();
        for (let i = 0; i < 300; i++) {
          const arms = 1.35 * Math.sin(i / 9);
          const pose = standing(0, 0.8 * Math.sin(i / 70), 0.7 * Math.sin(i / 50), arms);
          const sight = lens.see(frame(i / 60, pose), name, 720 * aspect, 720, false, STILL);
          for (const joint of [3, 6, 9, 13, 17]) {
            const [x, y] = seen(sight, pose.places[3 * joint]!, pose.places[3 * joint + 1]!, pose.places[3 * joint + 2]!);
            expect(Math.abs(x), `${name} ${aspect} ${i} joint ${joint}`).toBeLessThan(0.98);
            expect(Math.abs(y), `${name} ${aspect} ${i} joint ${joint}`).toBeLessThan(0.98);
          }
        }
      }
    }
  });
  it("turns by at most ten degrees a second, but at a cut", () => {
    const lens = new Lens();
    let before = lens.see(frame(0, standing()), "orbit", 640, 360, false, STILL).yaw;
    for (let i = 1; i < 1200; i++) {
      const moved = { ...STILL, yaw: i > 600 ? 1.5 : 0 };
      const { yaw } = lens.see({ ...frame(i / 60, standing()), dance: i / 15 }, "orbit", 640, 360, false, moved);
      expect(Math.abs(yaw - before)).toBeLessThan((10.01 * Math.PI) / 180 / 60);
      before = yaw;
    }
    expect(Math.abs(lens.see(frame(20.1, standing()), "front", 640, 360, false, STILL).yaw - before)).toBeGreaterThan(0.2);
  });
  it("goes down with somebody on the floor and comes up slowly", () => {
    const lens = new Lens();
    const high = lens.see(frame(0, standing()), "front", 640, 360, false, STILL).eye[1];
    const lying: DancerPose = { ...standing(), places: standing().places.map((v, i) => (i % 3 === 1 ? v * 0.3 : v)) };
    let low = high;
    for (let i = 1; i < 300; i++) {
      const { eye } = lens.see(frame(i / 60, lying), "front", 640, 360, false, STILL);
      expect(low - eye[1]).toBeLessThan(0.02);
      low = eye[1];
    }
    expect(low).toBeLessThan(0.6);
  });
});

describe("scenes", () => {
  it("are nine, and no two are alike", () => {
    expect(SETTINGS).toHaveLength(9);
    expect(new Set(SETTINGS.map(({ room }) => room)).size).toBe(9);
    expect(settingOf(99)).toBe(SETTINGS[0]);
    expect(settingOf(NaN)).toBe(SETTINGS[0]);
  });
  it("fade from palette to palette within two seconds", () => {
    const fade = new Fade();
    const red = (palette: number, dance: number): number => fade.at(palette, dance)[0]!.left[0];
    const from = red(0, 10);
    const to = new Fade().at(1, 0)[0]!.left[0];
    expect(red(1, 20)).toBeCloseTo(from, 9);
    expect(red(1, 21)).toBeCloseTo((from + to) / 2, 9);
    expect(red(1, 22)).toBe(to);
    expect(red(0, 22.5)).toBeCloseTo(to, 9);
    expect(red(1, 23.5)).toBeCloseTo((from + to) / 2, 9); // back half-way: from where it was
  });
});

describe("crowd", () => {
  it("stands apart and never in front", () => {
    const all = members(64);
    expect(all).toHaveLength(64);
    for (const a of all) {
      expect(a.z).toBeLessThan(-1.9);
      for (const b of all) if (a !== b) expect(Math.hypot(a.x - b.x, a.z - b.z)).toBeGreaterThan(0.7);
    }
  });
  it("remembers what was danced a beat ago, at any rate of pictures", () => {
    const memory = new Memory(2);
    const out = new Float32Array(2);
    for (let i = 0; i <= 90; i++) memory.take(i / 30, Float32Array.of(i / 30, -i / 30), 0);
    memory.recall(2, out, 0);
    expect(out[0]).toBeCloseTo(2, 1);
    expect(out[1]).toBeCloseTo(-2, 1);
    memory.recall(-50, out, 0);
    expect(out[0]).toBeGreaterThan(0);
    memory.take(0.5, Float32Array.of(7, 7), 0); // a jump back
    memory.recall(3, out, 0);
    expect(out[0]).toBe(7);
  });
});
