import { beforeEach, expect, it, vi } from "vitest";
import { Problem } from "~/api";
import { newStore } from "~/features/crm/new";
import { cards } from "./card";
import { Palette, palette } from "./Palette";
import { says, serve, show } from "./page.testing";

let answer: (found: unknown[]) => void;

beforeEach(async () => {
  const found = new Promise<unknown[]>((done) => {
    answer = done;
  });
  serve({ "GET /api/v1/search": async () => ({ items: await found }) });
  newStore.set({ kind: undefined });
  await show(<Palette />);
});

const press = (key: string) => {
  const event = new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event;
};
const type = (text: string) => [...text].forEach(press);
const field = () => document.querySelector<HTMLInputElement>("input");

it("takes a whole wish typed before its field is there", async () => {
  answer([]);
  palette.open();
  type("new leat");
  press("Backspace");
  type("d");
  press("Enter");
  await expect.poll(() => newStore.get().kind).toBe("lead");
});

it("does what is first when Enter comes before anything was picked", async () => {
  answer([]);
  palette.open();
  type("new deal");
  await expect.poll(() => document.activeElement === field()).toBe(true);
  press("Enter");
  await expect.poll(() => newStore.get().kind).toBe("deal");
});

it("waits with an early Enter for what the server finds", async () => {
  const shown = vi.spyOn(cards, "show").mockImplementation(() => undefined);
  palette.open();
  type("Radu");
  press("Enter");
  const ref = { kind: "contact", id: "1" };
  answer([{ ref, name: "Radu Georgescu", points: [] }]);
  await expect.poll(() => shown.mock.calls).toEqual([[ref]]);
});

it("takes letters from a field that still has the focus, and leaves it its own once closed", async () => {
  const other = document.body.appendChild(document.createElement("input"));
  other.focus();
  palette.open();
  expect(press("n").defaultPrevented).toBe(true);
  await expect.poll(() => field()?.value).toBe("n");
  press("Escape");
  expect(press("x").defaultPrevented).toBe(false);
});

it("names the colleague whose extension is typed", async () => {
  palette.open();
  type("102");
  await says("Call 102Ion Rusu");
});

it("says why it could not look, which is not that nothing was found", async () => {
  serve({ "GET /api/v1/search": new Problem(403, "this is somebody else's; ask them or an administrator") });
  palette.open();
  type("zzz");
  await says("This is somebody else's. Ask them or an administrator.");
});
