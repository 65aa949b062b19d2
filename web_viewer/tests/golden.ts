/** The golden vectors that Python wrote, as buffers. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../../tests/golden/", import.meta.url);

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(fileURLToPath(new URL(name, FOLDER)), "utf8")) as T;
}

export function buffer(base64: string): ArrayBuffer {
  const bytes = Buffer.from(base64, "base64");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}
