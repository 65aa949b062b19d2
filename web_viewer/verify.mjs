/** Builds the page again into a temporary folder and compares it byte for byte with what is committed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "vite";

const committed = resolve(import.meta.dirname, "../livedance/assets/viewer");
const fresh = mkdtempSync(join(tmpdir(), "viewer-"));
try {
  await build({ root: import.meta.dirname, logLevel: "warn", build: { outDir: fresh, emptyOutDir: true } });
  // The dancers lie there too, made by another command and compared by another test.
  const kept = readdirSync(committed).filter((name) => !name.endsWith(".glb"));
  const names = [...new Set([...kept, ...readdirSync(fresh)])].sort();
  const wrong = names.filter((name) => !sameBytes(join(committed, name), join(fresh, name)));
  if (wrong.length > 0) {
    console.error(`${wrong.join(", ")} in livedance/assets/viewer is not what the source builds: run npm run build`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function sameBytes(a, b) {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}
