import { describe, expect, it } from "vitest";
import { decode, decodeAll } from "../src/wire";
import { buffer, golden } from "./golden";

interface Golden {
  messages: { name: string; bytes: string; values: Record<string, number | number[] | string> }[];
  batches: { bytes: string; names: string[] }[];
  odd: { why: string; bytes: string }[];
}

const vectors = golden<Golden>("wire.json");

describe("wire: golden vectors", () => {
  it.each(vectors.messages.map((m, i) => [`${m.name} ${i}`, m] as const))("%s", (_, { name, bytes, values }) => {
    const message = decode(new Uint8Array(buffer(bytes))) as unknown as Record<string, unknown>;
    expect(message["name"]).toBe(name);
    for (const [key, value] of Object.entries(values)) {
      const found = message[key];
      if (typeof value === "number") expect(found).toBeCloseTo(value, 6);
      else if (Array.isArray(value)) expect([...(found as Float32Array)]).toEqual(value);
      else expect(found).toEqual(new Uint8Array(buffer(value)));
    }
  });
  it.each(vectors.batches)("batch of $names", ({ bytes, names }) => {
    expect(decodeAll(buffer(bytes))?.map((m) => m.name)).toEqual(names);
  });
  it.each(vectors.odd)("refuses: $why", ({ bytes }) => expect(decodeAll(buffer(bytes))).toBeNull());
});

describe("wire: anything at all", () => {
  it("never throws on noise, cuts and flipped bytes", () => {
    const random = mulberry(7);
    const good = [...vectors.messages, ...vectors.batches].map((m) => new Uint8Array(buffer(m.bytes)));
    let refused = 0;
    for (let i = 0; i < 6000; i++) {
      const bytes = spoil(good[Math.floor(random() * good.length)]!, random);
      if (decodeAll(bytes.buffer as ArrayBuffer) === null) refused++;
    }
    expect(refused).toBeGreaterThan(3000);
  });
});

function spoil(good: Uint8Array, random: () => number): Uint8Array {
  const how = random();
  if (how < 0.3) return Uint8Array.from({ length: Math.floor(random() * 300) }, () => random() * 256);
  if (how < 0.6) return good.slice(0, Math.floor(random() * good.length));
  const out = good.slice();
  for (let n = 0; n < 8; n++) out[Math.floor(random() * Math.min(out.length, 64))] = random() * 256;
  return out;
}

function mulberry(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
