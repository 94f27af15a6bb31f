import { i18n } from "@lingui/core";
import { beforeAll, expect, it } from "vitest";
import { LiveError } from "~/live/protocol";
import { DeviceError } from "~/media/devices";
import { explain } from "./notify";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

it.each([
  [new LiveError("refused", "refused: busy"), "Busy"],
  [new LiveError("refused", "the colleague is not online"), "the colleague is not online"],
  [new LiveError("taken", "the call is answered already"), "Another tab or phone was faster."],
  [new LiveError("not_found", "no such leg"), "There is no such call any more."],
  [new LiveError("no_right", "you may not"), "You may not listen in on this call."],
  [new DeviceError("missing", "camera"), "No camera was found. Connect one, then try again."],
])("explains %s", (err, words) => expect(explain(err)).toBe(words));
