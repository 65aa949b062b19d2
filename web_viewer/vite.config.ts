import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** Shaders as text, without what only people read. */
const shaders: Plugin = {
  name: "shaders",
  enforce: "pre",
  load(id) {
    if (!/\.(vert|frag|glsl)$/.test(id)) return null;
    const lines = readFileSync(id, "utf8").replace(/\/\*[\s\S]*?\*\//g, "").split("\n");
    const kept = lines.map((line) => line.replace(/\/\/.*/, "").trim()).filter((line) => line !== "");
    return { code: `export default ${JSON.stringify(kept.join("\n"))};`, moduleType: "js" };
  },
};

/** three.js brings the shaders of its own materials; ours are raw, so those 40 kB never run. */
const withoutBuiltInShaders: Plugin = {
  name: "without-built-in-shaders",
  transform(code, id) {
    if (!/three\.module\.js$/.test(id)) return null;
    return code.replace(/^((?:var|const) [\w$]+ = )"(?:[^"\\\n]|\\.)*";$/gm, (line, start: string) => (line.includes("\\n") ? `${start}"";` : line));
  },
};

/** Fixed names and no time stamps: the same source gives the same bytes, which CI compares. */
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [shaders, withoutBuiltInShaders],
  build: {
    outDir: "../livedance/assets/viewer",
    // The dancers lie there too: `livedance train page-dancers` makes them.
    emptyOutDir: false,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { viewer: "index.html", control: "control.html" },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
