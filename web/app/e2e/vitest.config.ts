import { defineConfig } from "vitest/config";

const shots = process.env.SCREENSHOTS === "1";

/** Tests with a real server and a real browser, one after another: they share a machine's processor. */
export default defineConfig({
  test: {
    include: [shots ? "e2e/**/*.shots.ts" : "e2e/**/*.test.ts"],
    fileParallelism: false,
    retry: 0,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
