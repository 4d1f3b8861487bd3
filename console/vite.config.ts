import { defineConfig } from "vite";

export default defineConfig({
  // Addresses are relative: a stage or a custom domain's base path may stand before /console/.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false }, // what it does for old browsers, it does inline
    assetsInlineLimit: 0, // a data: address is refused by the content security policy
    chunkSizeWarningLimit: 1600, // the reference; the console has a test of its own
    rolldownOptions: { input: ["index.html", "reference.html", "oidc.html"] },
  },
});
