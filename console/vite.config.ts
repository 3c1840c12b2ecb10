import react from "@vitejs/plugin-react";
import { type Plugin, type Rolldown, runnerImport } from "vite";
import { defineConfig } from "vitest/config";

type ChunkingContext = { getModuleInfo: (id: string) => Rolldown.ModuleInfo | null };
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

/** Say whether the entry script imports a module, itself or through others. */
function isFirst(id: string, context: ChunkingContext): boolean {
  const seen = new Set([id]);
  for (const one of seen) {
    const info = context.getModuleInfo(one);
    if (info?.isEntry === true) return true;
    for (const importer of info?.importers ?? []) seen.add(importer);
  }
  return false;
}

export default defineConfig({
  plugins: [react(), themeStyleSheet()],
  build: {
    outDir: process.env["LENSMITH_CONSOLE_OUT"] || "../src/lensmith/console",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A file for each module that some screens share would be a hundred requests a screen,
          // and a request costs more than the bytes.
          includeDependenciesRecursively: false,
          groups: [
            { name: (id, context) => (isFirst(id, context) ? "first" : null), minShareCount: 2 },
            { name: "shared", minShareCount: 6 },
          ],
        },
      },
    },
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
