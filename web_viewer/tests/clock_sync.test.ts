import { describe, expect, it } from "vitest";
import { ClockSync } from "../src/clock_sync";

/** A page and a server on a virtual clock; `out` and `back` are the two ways' delays, seconds. */
function exchange(sync: ClockSync, local: number, truth: number, out: number, back: number): void {
  const t1 = local + out + truth;
  sync.answer(local, t1, t1, local + out + back);
}

describe("clock sync", () => {
  it("takes the first guess until there is an answer", () => {
    const sync = new ClockSync();
    expect(sync.synced).toBe(false);
    sync.guess(5, 105);
    expect(sync.synced).toBe(true);
    expect(sync.showTime(6)).toBeCloseTo(106, 9);
  });

  it("trusts the least round trip: a slow way back moves nothing", () => {
    const sync = new ClockSync();
    for (let i = 0; i < 20; i++) exchange(sync, i, 50, 0.001, i % 3 === 0 ? 0.001 : 0.002);
    exchange(sync, 20, 50, 0.001, 0.6);
    expect(Math.abs(sync.showTime(21) - 71)).toBeLessThan(0.0012);
    expect(sync.rtt_s).toBeCloseTo(0.002, 6);
  });

  it("is not fooled by a server that was blocked while pings ran", () => {
    const sync = new ClockSync();
    for (let i = 0; i < 8; i++) exchange(sync, 0.05 * i, 50, 0.0005, 0.0005);
    for (let i = 0; i < 20; i++) exchange(sync, 1 + 0.05 * i, 50, 0.7, 0.0005);
    expect(Math.abs(sync.showTime(3) - 53)).toBeLessThan(0.001);
  });

  it("slews small changes and never goes back", () => {
    const sync = new ClockSync();
    for (let i = 0; i < 40; i++) exchange(sync, 0.1 * i, 50, 0.001, 0.001);
    sync.showTime(4);
    for (let i = 0; i < 40; i++) exchange(sync, 4 + 0.01 * i, 49.99, 0.0005, 0.0005);
    let last = sync.showTime(4.4);
    for (let t = 4.4; t < 6; t += 0.016) {
      const now = sync.showTime(t);
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(sync.showTime(6)).toBeCloseTo(55.99, 3);
  });

  it("steps when the show has another time base", () => {
    const sync = new ClockSync();
    exchange(sync, 0, 50, 0.001, 0.001);
    sync.guess(1, 9);
    exchange(sync, 1, 8, 0.001, 0.001);
    expect(sync.showTime(2)).toBeCloseTo(10, 6);
  });

  it("ignores stamps that are not numbers", () => {
    const sync = new ClockSync();
    sync.guess(0, 10);
    sync.answer(NaN, 1, 2, 3);
    sync.answer(0, Infinity, 2, 3);
    expect(sync.showTime(1)).toBeCloseTo(11, 9);
  });
});
