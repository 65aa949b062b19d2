/**
 * Bytes of `livedance.v1` to messages, by the generated layouts.
 * Nothing throws: anything odd (length, version, counts, ranges, numbers that are not finite) is `null`.
 */
import {
  BATCH, HEADER_BYTES, LAYOUTS, MAX_BATCH, MIN_ROTATION_NORM, VERSION,
  type ArrayField, type Layout, type Message,
} from "./wire.generated";

type Values = Record<string, unknown>;

const SIZES: Readonly<Record<string, number>> = { B: 1, H: 2, I: 4, f: 4, d: 8, u1: 1, i2: 2, f4: 4 };

/** Every message in one socket message, which may be a batch; null when any is odd. */
export function decodeAll(buffer: ArrayBuffer): Message[] | null {
  const records = split(buffer);
  if (records === null) return null;
  const out: Message[] = [];
  for (const record of records) {
    const message = decode(record);
    if (message === null) return null;
    out.push(message);
  }
  return out;
}

/** One message, not a batch; null when it is odd. */
export function decode(bytes: Uint8Array): Message | null {
  const view = viewOf(bytes);
  const header = readHeader(view);
  if (header === null) return null;
  const layout = LAYOUTS.get(header.kind);
  if (layout === undefined) return null;
  const values: Values = { name: layout.name, t_s: header.t_s, seq: header.seq, flags: header.flags };
  let at = readFields(view, layout, values);
  if (at < 0) return null;
  for (const spec of layout.arrays) {
    at = readArray(bytes, at, spec, values);
    if (at < 0) return null;
  }
  if (layout.hasTail) values["data"] = bytes.slice(at);
  else if (at !== bytes.length) return null;
  const message = values as unknown as Message;
  return message.name === "Window" && !rotationsAreUnit(message.rotations) ? null : message;
}

function split(buffer: ArrayBuffer): Uint8Array[] | null {
  const bytes = new Uint8Array(buffer);
  const view = viewOf(bytes);
  const header = readHeader(view);
  if (header === null) return null;
  if (header.kind !== BATCH) return [bytes];
  const records: Uint8Array[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length || records.length === MAX_BATCH) return null;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length || end - at - 4 < HEADER_BYTES || bytes[at + 4] === BATCH) return null;
    records.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return records;
}

function readHeader(view: DataView): { kind: number; flags: number; seq: number; t_s: number } | null {
  if (view.byteLength < HEADER_BYTES || view.getUint8(1) !== VERSION) return null;
  const t_s = view.getFloat64(8, true);
  if (!Number.isFinite(t_s)) return null;
  return { kind: view.getUint8(0), flags: view.getUint16(2, true), seq: view.getUint32(4, true), t_s };
}

/** Read all scalars into `values`; returns where the arrays begin, or -1. */
function readFields(view: DataView, layout: Layout, values: Values): number {
  let at = HEADER_BYTES;
  for (const [name, code, low, high] of layout.fields) {
    if (at + SIZES[code]! > view.byteLength) return -1;
    const value = readNumber(view, at, code);
    if (!Number.isFinite(value) || value < low || value > high) return -1;
    values[name] = value;
    at += SIZES[code]!;
  }
  return at + layout.padding <= view.byteLength ? at + layout.padding : -1;
}

function readNumber(view: DataView, at: number, code: string): number {
  switch (code) {
    case "B": return view.getUint8(at);
    case "H": return view.getUint16(at, true);
    case "I": return view.getUint32(at, true);
    case "f": return view.getFloat32(at, true);
    default: return view.getFloat64(at, true);
  }
}

/** Read one array into `values`; returns where it ends, or -1. */
function readArray(bytes: Uint8Array, at: number, [name, kind, shape]: ArrayField, values: Values): number {
  let count = 1;
  for (const size of shape) count *= typeof size === "number" ? size : (values[size] as number);
  const end = at + count * SIZES[kind]!;
  if (end > bytes.length) return -1;
  // A copy: records of a batch lie at any offset, typed arrays must not. Every browser is little-endian.
  const own = bytes.slice(at, end).buffer;
  const array = kind === "f4" ? new Float32Array(own) : kind === "i2" ? new Int16Array(own) : new Uint8Array(own);
  if (kind === "f4" && !array.every(Number.isFinite)) return -1;
  values[name] = array;
  return end;
}

function rotationsAreUnit(q: Int16Array): boolean {
  for (let i = 0; i < q.length; i += 4) {
    const norm = q[i]! ** 2 + q[i + 1]! ** 2 + q[i + 2]! ** 2 + q[i + 3]! ** 2;
    if (norm < MIN_ROTATION_NORM ** 2) return false;
  }
  return true;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
