/** Those who dance behind: the show's own dance, some sixteenths later each, from a short memory of bones. */
import { NUMBERS } from "./bones";

const STEPS_PER_BEAT = 16;
const MEMORY = 40;
const SPACING_M = 1.2;
const ROW_M = 1.25;
const FIRST_ROW_M = -2.3;
const IN_ROW = 9;

/** One of the crowd: where it stands, how it is turned, how much later it dances, whom it follows. */
export interface Member {
  readonly x: number;
  readonly z: number;
  readonly yaw: number;
  readonly lag_beats: number;
  readonly number: number;
}

export function members(count: number): Member[] {
  return Array.from({ length: count }, (_, number) => {
    const row = Math.floor(number / IN_ROW);
    const place = number % IN_ROW;
    // From the middle outwards, every second row moved by half a place.
    const side = (place % 2 === 0 ? 1 : -1) * Math.ceil(place / 2) + (row % 2 === 0 ? 0.5 : 0);
    const own = (k: number): number => fraction(Math.sin(12.9898 * (number + 1) + 78.233 * k) * 43758.5453);
    return {
      x: SPACING_M * side + 0.3 * (own(1) - 0.5), z: FIRST_ROW_M - ROW_M * row + 0.3 * (own(2) - 0.5),
      yaw: 0.5 * (own(3) - 0.5), lag_beats: [0, 0, 0.25, 0.5, 1][Math.floor(5 * own(4))]!, number,
    };
  });
}

/** What the bones of one dancer did lately, on a grid of sixteenths. */
export class Memory {
  private readonly ring: Float32Array;
  private newest = -Infinity;
  private oldest = -Infinity;

  constructor(private readonly size: number) {
    this.ring = new Float32Array(MEMORY * size);
  }

  /** Take the bones of dance position `dance`, `NUMBERS` for each, from `at` in `bones`. */
  take(dance: number, bones: Float32Array, at: number): void {
    const step = Math.round(STEPS_PER_BEAT * dance);
    if (step < this.newest || step - this.newest > MEMORY) this.oldest = step;
    const from = step < this.newest || step - this.newest > MEMORY ? step : this.newest + 1;
    for (let k = Math.max(from, step - MEMORY + 1); k <= step; k++) {
      this.ring.set(bones.subarray(at, at + this.size), mod(k, MEMORY) * this.size);
    }
    this.newest = step;
    this.oldest = Math.max(this.oldest, step - MEMORY + 1);
  }

  /** Write the bones of `dance`, or the nearest that is known, into `out`. */
  recall(dance: number, out: Float32Array, at: number): void {
    const place = Math.min(this.newest, Math.max(this.oldest, STEPS_PER_BEAT * dance));
    const k = Math.floor(place);
    const s = place - k;
    const a = mod(k, MEMORY) * this.size;
    const b = mod(Math.min(k + 1, this.newest), MEMORY) * this.size;
    for (let i = 0; i < this.size; i++) out[at + i] = this.ring[a + i]! + s * (this.ring[b + i]! - this.ring[a + i]!);
  }
}

export function sizeOf(bones: number): number {
  return bones * NUMBERS;
}

function fraction(x: number): number {
  return x - Math.floor(x);
}

function mod(a: number, n: number): number {
  return ((a % n) + n) % n;
}
