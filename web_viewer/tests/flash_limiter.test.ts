import { describe, expect, it } from "vitest";
import { COLUMNS, FlashLimiter, ROWS } from "../src/flash_limiter";
import { Meter } from "../src/meter";

type Rgb = readonly [number, number, number];
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const RED: Rgb = [255, 0, 0];
const GREY: Rgb = [90, 90, 90];

/** The grid in `colour`, as far as `share` of its rows; the rest is black. */
function grid(colour: Rgb, share = 1): Uint8Array {
  const cells = new Uint8Array(4 * COLUMNS * ROWS);
  for (let cell = 0; cell < share * COLUMNS * ROWS; cell++) cells.set([...colour, 255], 4 * cell);
  return cells;
}

/** Show `hz` flashes a second for `seconds`; returns the largest number of swings over 10 % in any second. */
function swings(limiter: FlashLimiter, hz: number, seconds: number, on: Rgb, off: Rgb, share = 1): number {
  let shown: number[] = [0, 0, 0];
  let turning: number | null = null;
  const at: number[] = [];
  for (let i = 0; i < 60 * seconds; i++) {
    const t = i / 60;
    const isOn = Math.floor(2 * hz * t) % 2 === 1;
    const colour = isOn ? on : off;
    const mix = limiter.take(grid(colour, share), t);
    shown = shown.map((before, k) => mix * colour[k]! + (1 - mix) * before);
    const [r, g, b] = shown.map((v) => (v / 255) ** 2.2) as [number, number, number];
    const level = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    turning ??= level;
    if (Math.abs(level - turning) >= 0.12) {
      at.push(t);
      turning = level;
    }
  }
  return Math.max(0, ...at.map((start) => at.filter((t) => t >= start && t < start + 0.99).length));
}

describe("flash limiter", () => {
  it("tames a strobe and lets three flashes a second pass", () => {
    const strobe = new FlashLimiter();
    expect(swings(strobe, 10, 4, WHITE, BLACK)).toBeLessThanOrEqual(6);
    expect(strobe.limited).toBeGreaterThan(30);
    const slow = new FlashLimiter();
    swings(slow, 2.9, 4, WHITE, BLACK);
    expect(slow.limited).toBe(0);
  });
  it("tames red against grey of the same light", () => {
    const limiter = new FlashLimiter();
    swings(limiter, 8, 3, RED, GREY);
    expect(limiter.limited).toBeGreaterThan(30);
  });
  it("leaves small areas alone", () => {
    const limiter = new FlashLimiter();
    swings(limiter, 12, 3, WHITE, BLACK, 0.2);
    expect(limiter.limited).toBe(0);
  });
  it("starts anew when time goes back", () => {
    const limiter = new FlashLimiter();
    limiter.take(grid(WHITE), 5);
    expect(limiter.take(grid(BLACK), 1)).toBe(1);
  });
});

describe("meter of a slow machine", () => {
  it("gives quality up within seconds, then says that it is hopeless", () => {
    const meter = new Meter([1, 0.75, 0.55, 0.4]);
    let now = 0;
    while (now < 1500) meter.frame((now += 100), 90);
    expect(meter.isHopeless).toBe(false);
    while (now < 12_000) meter.frame((now += 100), 90);
    expect(meter.isHopeless).toBe(true);
    const fine = new Meter();
    for (let i = 0; i < 600; i++) fine.frame(33 * i, 20);
    expect(fine.isHopeless).toBe(false);
  });
  it("does not count the time in which the page was hidden", () => {
    const meter = new Meter();
    let now = 0;
    for (let i = 0; i < 30; i++) meter.frame((now += 1500), 5);
    expect(meter.isHopeless).toBe(false);
  });
});
