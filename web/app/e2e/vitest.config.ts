import { defineConfig } from "vitest/config";

const kind = process.env.SCREENSHOTS === "1" ? "shots" : process.env.LOSSY === "1" ? "lossy" : "test";

/** Tests with a real server and a real browser. Two files at a time: while one waits, the other works. Figures are taken alone. */
export default defineConfig({
  test: {
    include: [`e2e/**/*.${kind}.ts`],
    maxWorkers: kind === "test" ? 2 : 1,
    retry: 0,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
