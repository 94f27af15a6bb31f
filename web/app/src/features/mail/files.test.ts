import { expect, it } from "vitest";
import { carries, encoded, filesOf, fits, joined } from "./files";

it("counts what base64 adds", () => {
  expect(encoded({ size: 57 })).toBe(78 + 500);
  expect(encoded({ size: 58 })).toBe(2 * 78 + 500);
});

it("knows what a mail can carry", () => {
  const max = 1_000_000;
  expect(fits([{ size: carries(max) - 1000 }], max)).toBe(true);
  expect(fits([{ size: max * 0.8 }], max)).toBe(false);
  expect(fits([{ size: 400_000 }, { size: 400_000 }], max)).toBe(false);
  expect(fits([], max, 400_000)).toBe(false);
});

it("takes files of a drop, but leaves text with a picture of itself to the field", () => {
  const file = new File(["x"], "x.png");
  const data = (types: string[]) => ({ types, files: [file] }) as unknown as DataTransfer;
  expect(filesOf(data(["Files"]))).toEqual([file]);
  expect(filesOf(data(["text/plain", "text/html", "Files"]))).toEqual([]);
  expect(filesOf(null)).toEqual([]);
});

it("takes a file chosen twice once", () => {
  const at = { lastModified: 1 };
  const [a, again, b] = [new File(["x"], "a", at), new File(["x"], "a", at), new File(["xy"], "a", at)];
  expect(joined([a], [again, b])).toHaveLength(2);
});
