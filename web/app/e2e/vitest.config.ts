import { defineConfig } from "vitest/config";

const kind = process.env.SCREENSHOTS === "1" ? "shots" : process.env.LOSSY === "1" ? "lossy" : "test";

/** Tests with a real server and a real browser, one after another: they share a machine's processor. */
export default defineConfig({
  test: {
    include: [`e2e/**/*.${kind}.ts`],
    fileParallelism: false,
    retry: 0,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
