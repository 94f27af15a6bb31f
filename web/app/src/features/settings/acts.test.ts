import { i18n } from "@lingui/core";
import { beforeAll, describe, expect, it } from "vitest";
import { actOf } from "./acts";
import { dayOf } from "./Security";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

describe("acts in words", () => {
  it("have a word of their own, or are told by what they changed", () => {
    expect(actOf({ act: "post-login", kind: "login", status: 200 })).toBe("Logged in");
    expect(actOf({ act: "post-login", kind: "login", status: 401 })).toBe("Log-in refused");
    expect(actOf({ act: "put-mail-domains-name", kind: "settings", status: 200 })).toBe("Settings: Changed");
  });
  it("a filter's days go from the beginning of one to the end of another", () => {
    expect(dayOf("", 0)).toBeUndefined();
    const [from, to] = [dayOf("2026-12-01", 0)!, dayOf("2026-12-01", 1)!];
    expect(Date.parse(to) - Date.parse(from)).toBe(24 * 3600 * 1000);
  });
});
