/** Files of tests share one window and one set of modules: each test starts with nothing of the one before. */
import { beforeEach } from "vitest";
import { clear } from "./page.testing";

beforeEach(clear);
