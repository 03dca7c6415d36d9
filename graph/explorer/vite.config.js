import { defineConfig } from "vite";

export default defineConfig({
  base: "./", // the pages may be served below any path
  build: {
    assetsInlineLimit: 0, // the content security policy allows no data: but for images
    chunkSizeWarningLimit: 8_000, // the editor is large, and loaded once
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  worker: { format: "es" },
});
