import { transformAsync } from "@babel/core";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Turns the Lingui macros (t, msg, Trans, Plural) into catalogue look-ups, in dev, build and tests alike. */
function macros(): Plugin {
  return {
    name: "lingui-macros",
    enforce: "pre",
    async transform(code, id) {
      const file = id.split("?")[0] ?? id;
      if (!/\.tsx?$/.test(file) || file.includes("node_modules") || !code.includes("/macro")) return null;
      const out = await transformAsync(code, {
        filename: file,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: file.endsWith("x") ? ["typescript", "jsx"] : ["typescript"] },
        plugins: ["@lingui/babel-plugin-lingui-macro"],
      });
      return out?.code ? { code: out.code, map: out.map } : null;
    },
  };
}

/** Where `npm run dev` finds the server: FRONTDESK=http://127.0.0.1:8080 npm run dev. */
const server = process.env.FRONTDESK ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [macros(), react(), lingui({ failOnMissing: true })],
  resolve: { alias: { "~": new URL("./src", import.meta.url).pathname } },
  server: { proxy: { "/api": { target: server, ws: true } } },
  build: { target: "es2022", emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
});
