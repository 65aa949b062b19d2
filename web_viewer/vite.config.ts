import { defineConfig } from "vite";

/** Fixed names and no time stamps: the same source gives the same bytes, which CI compares. */
export default defineConfig({
  base: "./",
  build: {
    outDir: "../livedance/assets/viewer",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { entryFileNames: "viewer.js", chunkFileNames: "[name].js", assetFileNames: "viewer[extname]" },
    },
  },
});
