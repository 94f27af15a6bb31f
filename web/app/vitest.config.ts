import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, mergeConfig } from "vitest/config";
import vite from "./vite.config";

const src = join(import.meta.dirname, "src");
const tests = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => /\.test\.tsx?$/.test(file));
/** Files that put something in a module's place need modules of their own. To load all anew for each of the others takes longer than the tests. */
const apart = tests
  .filter((file) => readFileSync(join(src, file), "utf8").includes("vi.mock("))
  .map((file) => join("src", file));

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      environment: "happy-dom",
      pool: "threads",
      restoreMocks: true,
      testTimeout: 30_000, // beside other work a first look at a page takes seconds
      expect: { poll: { timeout: 10_000 } },
      projects: [
        {
          extends: true,
          test: {
            name: "together",
            include: ["src/**/*.test.{ts,tsx}"],
            exclude: apart,
            isolate: false,
            setupFiles: ["src/app/setup.testing.ts"],
          },
        },
        { extends: true, test: { name: "apart", include: apart } },
      ],
    },
  }),
);
