import { defineConfig, mergeConfig } from "vitest/config";
import vite from "./vite.config";

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      environment: "happy-dom",
      include: ["src/**/*.test.{ts,tsx}"],
      restoreMocks: true,
      testTimeout: 30_000, // beside other work a first look at a page takes seconds
      expect: { poll: { timeout: 10_000 } },
    },
  }),
);
