import react from "@vitejs/plugin-react";
import { type Plugin, runnerImport } from "vite";
import { defineConfig } from "vitest/config";

const CLOUDSCAPE = [/@cloudscape-design/];
const SERVER = process.env["LENSMITH_URL"] ?? "http://127.0.0.1:7400";

/** Serve scripts/theme.ts as the style sheet `virtual:theme.css`. */
function themeStyleSheet(): Plugin {
  return {
    name: "lensmith-theme",
    resolveId: (id) => (id === "virtual:theme.css" ? "\0theme.css" : undefined),
    load: async (id) => {
      if (id !== "\0theme.css") return undefined;
      const { module } = await runnerImport<{ default: string }>("./scripts/theme.ts", {
        configFile: false,
        environments: { inline: { resolve: { noExternal: CLOUDSCAPE } } },
      });
      return module.default;
    },
  };
}

export default defineConfig({
  plugins: [react(), themeStyleSheet()],
  build: {
    outDir: process.env["LENSMITH_CONSOLE_OUT"] || "../src/lensmith/console",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/_lensmith": { target: SERVER, changeOrigin: true, headers: { origin: SERVER } },
      // Operations of AWS are POST /; everything else at / is the page.
      "^/$": {
        target: SERVER,
        changeOrigin: true,
        headers: { origin: SERVER },
        bypass: (request) => (request.method === "POST" ? undefined : request.url),
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
