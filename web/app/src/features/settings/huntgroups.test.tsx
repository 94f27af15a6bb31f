import { expect, it } from "vitest";
import { click, fill, find, says, serve, show, text } from "~/app/page.testing";
import { HuntGroups } from "./HuntGroups";
import { Numbers } from "./Numbers";

const closed = { kind: "hunt_group", hunt_group: "s", responsible: false, seconds: 25 };
const sales = { id: "s", name: "Sales", strategy: "round_robin", members: ["me", "ion"], seconds: 15 };
const number = { e164: "+40311000001", trunk: "t", label: "", destination: { ...closed, responsible: true } };

const choose = async (option: string) => {
  const options = () => [...document.querySelectorAll<HTMLElement>("[role=option]")];
  await expect.poll(() => options().map((o) => o.textContent)).toContain(option);
  options()
    .find((o) => o.textContent === option)
    ?.click();
};

it("makes a hunt group, and says first what it is for", async () => {
  const asked = serve();
  await show(<HuntGroups />);
  await says("No group yet. Add one, such as Sales or Support");
  await click("Add a hunt group");
  await fill("Name", "Sales");
  await click("Rings");
  await choose("One after another, first who has been free for longest");
  await says("Seconds each rings");
  await click("Colleagues");
  await choose("Maria Popa");
  const leads = "If nobody answers, lead the call elsewhere"; // a switch has it twice
  await click(`${leads} ${leads}`);
  await click("Goes to");
  await choose("Several at once");
  await expect.poll(() => (find("Goes to") as HTMLInputElement).value).toBe("Several at once");
  await click("Save");
  const sent = { name: "Sales", strategy: "longest_idle", members: ["me"], seconds: 20 };
  const otherwise = { kind: "group", responsible: false, seconds: 25 };
  await expect.poll(() => asked).toContainEqual({ what: "POST /api/v1/hunt-groups", with: { ...sent, otherwise } });
});

it("names what leads to a group, and offers to delete only one that nothing leads to", async () => {
  const after = { ...sales, id: "after", name: "After sales", otherwise: closed };
  serve({
    "GET /api/v1/hunt-groups": { items: [sales, after] },
    "GET /api/v1/numbers": { items: [number] },
    "GET /api/v1/extensions": { items: [{ number: "200", kind: "user", user: "me", schedule: "h", closed }] },
  });
  await show(<HuntGroups />);
  await says("For +40 311 000 001, 200, After sales");
  await says("If nobody answers: the hunt group Sales");
  await says("No number leads here yet");
  expect([...document.querySelectorAll("button")].filter((b) => b.textContent === "Delete")).toHaveLength(1);
});

it("leads a number to a hunt group", async () => {
  const one = { kind: "user", user: "me", responsible: true, seconds: 25 };
  const asked = serve({
    "GET /api/v1/hunt-groups": { items: [sales] },
    "GET /api/v1/numbers": { items: [{ ...number, destination: one }] },
  });
  await show(<Numbers />);
  await click("Edit");
  await click("Goes to");
  await choose("A hunt group");
  await click("Hunt group");
  await choose("Sales");
  await expect.poll(() => (find("Hunt group") as HTMLInputElement).value).toBe("Sales");
  expect(text()).toContain("Ring the client's responsible colleague first");
  await click("Save");
  const destination = { ...one, kind: "hunt_group", hunt_group: "s" };
  const put = { what: "PUT /api/v1/numbers/{e164}", with: { label: "", trunk: "t", destination } };
  await expect.poll(() => asked).toContainEqual(put);
});
