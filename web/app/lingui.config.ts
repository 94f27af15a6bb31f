import { defineConfig } from "@lingui/conf";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "ro", "ru"],
  catalogs: [{ path: "<rootDir>/src/locales/{locale}", include: ["src"], exclude: ["**/*.test.*"] }],
  format: "po",
  formatOptions: { lineNumbers: false, origins: false },
  orderBy: "message",
});
