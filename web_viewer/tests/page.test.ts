import { describe, expect, it, vi } from "vitest";
import type { Connection } from "../src/connection";
import { Controls } from "../src/controls";
import { wishOf } from "../src/desk";
import { PRESETS, STILL, View } from "../src/draw/camera";
import { lines } from "../src/hud";
import { actOf, KEYS } from "../src/keys";
import { Meter } from "../src/meter";
import { numberOf, parsePresets } from "../src/control/presets";
import { parseParams } from "../src/params";
import { ScorePlayer } from "../src/score/player";
import { Show } from "../src/show";
import { FRESH, parseState } from "../src/show_state";
import { decode } from "../src/wire";
import type { Clock } from "../src/wire.generated";
import { buffer, golden } from "./golden";

const key = (name: string, held: object = {}): KeyboardEvent =>
  ({ key: name, ctrlKey: false, altKey: false, metaKey: false, ...held }) as KeyboardEvent;

describe("address", () => {
  it("reads everything and keeps the token to the fragment", () => {
    const params = parseParams("?transparent=1&mode=frames&hud=1&palette=3&scene=4&crowd=99&bloom=0&delay=40&mirror=1&scale=0.5&cam=low&token=leak", "#token=abc");
    expect(params).toEqual({
      transparent: true, mode: "frames", hud: true, palette: 3, scene: 4, crowd: 64, bloom: false, camera: "low", delay_ms: 40, mirror: true, scale: 0.5, token: "abc",
    });
  });
  it("takes nonsense for nothing", () => {
    const params = parseParams("?delay=abc&palette=-1&scale=99&mode=4d&cam=constructor&hud=0&scene=0&crowd=x", "");
    expect(params).toMatchObject({ delay_ms: 0, palette: null, scale: 1, mode: "auto", scene: null, crowd: 0, bloom: null, camera: null, hud: false, token: "" });
  });
});

describe("keys", () => {
  it("knows upper case and leaves the browser's own alone", () => {
    expect(actOf(key("B"))?.op).toBe("toggle");
    expect(actOf(key("r", { ctrlKey: true }))).toBeNull();
    expect(actOf(key("constructor"))).toBeNull();
    expect(KEYS["7"]).toEqual({ op: "set", args: { scene: 7 } });
  });
});

describe("presets", () => {
  it("are recalled by Shift and their number, wherever Shift does not write the digit", () => {
    const shift = (name: string, code: string, held: object = {}): KeyboardEvent => ({ ...key(name, { shiftKey: true, ...held }), code }) as KeyboardEvent;
    expect([shift("!", "Digit1"), shift("(", "Digit9"), shift(")", "Digit0"), shift("1", "Digit1"), shift("!", "Digit1", { altKey: true })].map(numberOf)).toEqual([1, 9, 0, 0, 0]);
    expect(numberOf({ ...key("1"), shiftKey: false, code: "Digit1" } as KeyboardEvent)).toBe(0);
  });
  it("are read with care", () => {
    expect(parsePresets({ names: ["a"], done: "Saved 'a'", problem: 3 })).toEqual({ names: ["a"], done: "Saved 'a'", problem: "" });
    for (const names of [undefined, "a", [1], Array(65).fill("a")]) expect(parsePresets({ names })).toBeNull();
  });
});

describe("controls", () => {
  it("moves the pages' own delay, not that of window and OSC", () => {
    let press: (event: KeyboardEvent) => void = () => undefined;
    vi.stubGlobal("addEventListener", (_: string, listener: (event: KeyboardEvent) => void) => (press = listener));
    const sent: Record<string, unknown>[] = [];
    const connection = { send: (message: Record<string, unknown>) => sent.push(message) } as unknown as Connection;
    const local = { blackout: null, palette: null, scene: null, camera: null, hud: false };
    new Controls(local, new Show(0), connection, "token").listen();
    press({ ...key("+"), preventDefault: () => undefined } as KeyboardEvent);
    vi.unstubAllGlobals();
    expect(sent).toMatchObject([{ op: "add", value: 5, args: { field: "delay_ms", output: "web" } }]);
    expect(parseState({ controls: { delay_ms: { web: 5, window: 80 } } }).delay_ms).toBe(5);
  });
});

describe("desk", () => {
  it("asks the show for what makes sense, and for nothing else", () => {
    expect(wishOf("director", false)).toEqual({ op: "set", args: { director: false } });
    expect(wishOf("formation", "wedge")).toEqual({ op: "set", args: { formation: "wedge" } });
    expect(wishOf("dancers", "3")).toEqual({ op: "set", args: { dancers: 3 } });
    for (const [name, value] of [["formation", "heap"], ["dancers", ""], ["dancers", "0"], ["dancers", "99"], ["energy", "1"]] as const) {
      expect(wishOf(name, value)).toBeNull();
    }
  });
  it("reads director, dancers and formation from the state", () => {
    const controls = { director: true, dancers: 4, formation: "canon" };
    expect(parseState({ controls })).toMatchObject(controls);
  });
});

describe("state", () => {
  it("survives anything", () => {
    for (const odd of [null, 3, "x", [], {}, { controls: 7, arrangement: { dancers: [null, 5] }, audio: [], palette: NaN }]) {
      expect(() => parseState(odd)).not.toThrow();
    }
    expect(parseState(null)).toEqual(FRESH);
  });
  it("plays only our own sounds, and only where the page is asked to", () => {
    const audio = { play: "browser", url: "/audio/a.ogg", t0_s: 2 };
    expect(parseState({ audio }).track).toEqual({ url: "/audio/a.ogg", t0_s: 2, paused: false });
    expect(parseState({ audio: { ...audio, play: "off" } }).track).toBeNull();
    expect(parseState({ audio: { ...audio, url: "https://elsewhere/a.ogg" } }).track).toBeNull();
    expect(parseState({ audio: { ...audio, url: "/audio/../healthz" } }).track).toBeNull();
  });
  it("moves the camera as the window does", () => {
    const controls = { camera_yaw_deg: 90, camera_dist_m: 2, camera_x_m: 0.5, camera_y_m: 0.25 };
    const { moved } = parseState({ controls });
    const place = (m: typeof moved, x: number, y: number, z: number) => new View(PRESETS.front, m.yaw, [0, 0], 2, 1280, 720, false, m).project(x, y, z);
    const still = place(parseState({}).moved, 0, 1, 0);
    expect(still.x).toBeCloseTo(640, 6);
    const away = place({ ...moved, yaw: 0, x: 0, y: 0 }, 0, 1, 0);
    expect(away.scale / still.scale).toBeCloseTo(6.5 / 8.5, 6);
    const aside = place({ ...moved, yaw: 0, away: 0 }, 0, 1, 0);
    expect([aside.x - still.x, aside.y - still.y]).toEqual([expect.closeTo(-0.5 * still.scale, 6), expect.closeTo(0.25 * still.scale, 6)]);
    expect(place({ ...moved, away: 0, x: 0, y: 0 }, 0, 1, 1).x).toBeCloseTo(640 - still.scale, 6);
    expect(parseState({ controls: { camera_x_m: "far" } }).moved).toEqual(STILL);
  });
  it("adds the delay of all outputs and its own", () => {
    expect(parseState({ controls: { delay_ms: { "*": 5, web: 7, window: 100 } } }).delay_ms).toBe(12);
  });
});

describe("show", () => {
  const vectors = golden<{ messages: { name: string; bytes: string }[] }>("wire.json");
  const clock = decode(new Uint8Array(buffer(vectors.messages.find((m) => m.name === "Clock")!.bytes))) as Clock;

  it("dances on when it hears no clock for a second, and says so", () => {
    const show = new Show(0);
    show.welcome({ session: "a", server_s: clock.t_s, state: {} }, 0);
    show.take(clock, 0);
    expect(show.isFreeWheeling(0.9)).toBe(false);
    expect(show.isFreeWheeling(1.1)).toBe(true);
    const [early, late] = [show.frameAt(clock.t_s + 1), show.frameAt(clock.t_s + 11)];
    expect(late.beat - early.beat).toBeCloseTo(10 * clock.beats_per_s, 6);
  });
  it("keeps the score over a lost link and clears it for another session", () => {
    const show = new Show(0);
    show.welcome({ session: "a", server_s: 1, state: {} }, 0);
    const first: ScorePlayer = show.player;
    show.welcome({ session: "a", server_s: 2, state: {} }, 1);
    expect(show.player).toBe(first);
    show.welcome({ session: "b", server_s: 2, state: {} }, 1);
    expect(show.player).not.toBe(first);
  });
});

describe("meter and info", () => {
  it("draws less when pictures come slowly, more again when they are cheap", () => {
    const meter = new Meter();
    let now = 0;
    for (let i = 0; i < 400; i++) meter.frame((now += 16.7 + 30 * (meter.quality - 0.5)), 10);
    expect(meter.quality).toBeLessThan(1);
    for (let i = 0; i < 3000; i++) meter.frame((now += 16.7), 1);
    expect(meter.quality).toBe(1);
  });
  it("stays sharp on a screen of 30 Hz", () => {
    const meter = new Meter();
    for (let i = 0; i < 300; i++) meter.frame(33.3 * i, 4);
    expect(meter.quality).toBe(1);
  });
  it("writes without a clock and without a link", () => {
    const text = lines({
      clock: null, linked: false, freeWheel: true, beat: 0, fps: 0, draw_ms: 0, rtt_s: Infinity, delay_ms: 0, ahead: null,
      malformed: 0, heard: "", control: false, viewers: null, drawn: { mode: "2d", limited: 3 },
    }).join("\n");
    expect(text).toContain("no beat yet");
    expect(text).toContain("lost, dancing on");
    expect(text).toContain("flash limiter on, 3 tamed");
  });
});
