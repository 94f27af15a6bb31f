import { expect, it } from "vitest";
import { click, fill, find, says, serve, show } from "~/app/page.testing";
import { Menus } from "./Menus";
import { Prompts } from "./Prompts";

const welcome = { id: "p", name: "Welcome", source: "upload", seconds: 4.2, created: "", used_by: ["Main"] };
const rings = { kind: "user", user: "ion", responsible: false, seconds: 25 };
const main = {
  id: "m",
  name: "Main",
  prompt: "p",
  language: "en",
  keys: [{ key: "1", to: rings }],
  wait: 5,
  repeats: 2,
  direct: true,
};
const said = {
  "GET /api/v1/prompts": { items: [welcome, { ...welcome, id: "q", name: "Old", used_by: [] }], speaks: true },
};

it("says what prompts are for, who says one, and lets go of those that nobody says", async () => {
  const asked = serve(said);
  await show(<Prompts />);
  await says("Said by Main");
  await says("Nothing says it yet");
  expect(document.querySelectorAll("audio")[0]?.getAttribute("src")).toBe("/api/v1/prompts/p/sound");
  expect([...document.querySelectorAll("button")].filter((b) => b.textContent === "Delete")).toHaveLength(1);
  await click("Delete");
  await click("Really delete");
  await expect.poll(() => asked).toContainEqual({ what: "DELETE /api/v1/prompts/{id}", with: { path: { id: "q" } } });
});

it("makes a prompt of a text", async () => {
  const asked = serve({ ...said, "POST /api/v1/prompts/speech": welcome });
  await show(<Prompts />);
  await says("Said by Main");
  await click("Add a prompt");
  await fill("Name", "Closed");
  await click("A text");
  await fill("Text", "We are closed.");
  await click("Save");
  const sent = { name: "Closed", language: "en", text: "We are closed." };
  await expect.poll(() => asked).toContainEqual({ what: "POST /api/v1/prompts/speech", with: sent });
});

it("shows where the keys of a menu lead, and changes them", async () => {
  const asked = serve({ ...said, "GET /api/v1/menus": { items: [main] } });
  await show(<Menus />);
  for (const line of ["Says “Welcome”", "1 → Ion", "An extension → whom it rings", "No key → Hung up"])
    await says(line);
  await click("Edit");
  await click("Add a key");
  await expect.poll(() => document.querySelectorAll("legend").length).toBe(3);
  [...document.querySelectorAll("button")].filter((x) => x.textContent === "Remove this key")[1]!.click();
  await click("Save");
  const { id: _, ...rest } = main;
  const keys = [{ key: "1", to: { kind: "user", user: "ion", seconds: 25 } }];
  const sent = { ...rest, keys, otherwise: { kind: "refuse" } };
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/menus/{id}", with: sent });
});

it("leads a key into a meeting, and keeps where the others lead", async () => {
  const queue = { key: "1", to: { kind: "queue", queue: "q", responsible: false, seconds: 25 } };
  const group = { key: "2", to: { kind: "hunt_group", hunt_group: "g", responsible: false, seconds: 25 } };
  const room = { key: "3", to: { kind: "meeting", meeting: "r", responsible: false } };
  const menu = { ...main, keys: [queue, group, room] };
  const asked = serve({
    ...said,
    "GET /api/v1/menus": { items: [menu] },
    "GET /api/v1/queues": { items: [{ id: "q", name: "Support" }] },
    "GET /api/v1/hunt-groups": { items: [{ id: "g", name: "Sales", members: [] }] },
    "GET /api/v1/meetings": { items: [{ id: "r", title: "Standup" }] },
    "GET /api/v1/meetings/{id}": { id: "r", title: "Standup" },
  });
  await show(<Menus />);
  await says("3 → The meeting room Standup");
  await click("Edit");
  for (const [label, name] of [
    ["Queue", "Support"],
    ["Hunt group", "Sales"],
    ["Room", "Standup"],
  ])
    await expect.poll(() => (find(label!) as HTMLInputElement | undefined)?.value).toBe(name);
  await fill("Name", "Evening");
  await click("Save");
  const keys = [
    { key: "1", to: { kind: "queue", queue: "q", seconds: 25 } },
    { key: "2", to: { kind: "hunt_group", hunt_group: "g", seconds: 25 } },
    { key: "3", to: { kind: "meeting", meeting: "r" } },
  ];
  const { id: _, ...rest } = menu;
  const sent = { ...rest, name: "Evening", keys, otherwise: { kind: "refuse" } };
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/menus/{id}", with: sent });
});

it("says what to do first where there is no menu", async () => {
  serve();
  await show(<Menus />);
  await says("None yet. Add a prompt above, then a menu that says it");
});
