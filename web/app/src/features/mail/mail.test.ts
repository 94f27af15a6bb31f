import { expect, it } from "vitest";
import { lines, page } from "./MessageBody";
import { addressesIn, answerTo, quote, replySubject, splitQuote } from "./people";
import { junkReasons } from "./strings";

it.each([
  ["Offer", "Re: Offer"],
  ["Re: RE: Отв: Offer", "Re: Offer"],
  ["re[2]: Offer", "Re: Offer"],
  ["Regarding", "Re: Regarding"],
])("the answer to %s is %s", (subject, answer) => expect(replySubject(subject)).toBe(answer));

const person = (address: string) => ({ name: "", address });
const own = ["we@acme.example"];
const mail = {
  from: person("radu@clients.example"),
  to: [person("we@acme.example"), person("ana@clients.example")],
  cc: [person("boss@clients.example")],
  outgoing: false,
};

it("takes addresses as they are pasted", () => {
  expect(addressesIn('ana@x.ro, Ion Popescu <ion@x.ro>;"O" (mailto:olga@x.ro),\n ana@x.ro')).toEqual([
    "ana@x.ro",
    "ion@x.ro",
    "olga@x.ro",
  ]);
  expect(addressesIn("Ion Popescu")).toEqual([]);
});

it("answers the sender alone, or everybody but ourselves", () => {
  expect(answerTo(mail, own, false)).toEqual({ to: ["radu@clients.example"], cc: [] });
  expect(answerTo(mail, own, true)).toEqual({
    to: ["radu@clients.example"],
    cc: ["ana@clients.example", "boss@clients.example"],
  });
});

it("answers where Reply-To says, and goes on where we wrote last", () => {
  expect(answerTo({ ...mail, reply_to: [person("office@clients.example")] }, own, false).to).toEqual([
    "office@clients.example",
  ]);
  expect(answerTo({ ...mail, outgoing: true }, own, false).to).toEqual(["we@acme.example", "ana@clients.example"]);
});

it("quotes line by line", () => expect(quote("a\nb\n", "Radu:")).toBe("\n\nRadu:\n> a\n> b\n"));

it("lets a mail fetch nothing until asked", () => {
  expect(page("<p>x</p>", false)).toContain("default-src 'none'; img-src data:;");
  expect(page("<p>x</p>", true)).toContain("img-src data: https: http:;");
});

it("guesses a height within bounds", () => {
  expect(lines("<p>Hi</p>")).toBe(5);
  expect(lines(`<p>${"word ".repeat(5000)}</p>`)).toBe(60);
});

it("tells which checks a junk mail failed", () => {
  const clean = { junk: false, score: 0.1, reasons: [], spf: "pass", dkim: "pass", dmarc: "pass", verified: true };
  expect(junkReasons(clean)).toEqual([]);
  expect(junkReasons({ ...clean, spf: "softfail", dmarc: "fail", score: 0.97 })).toHaveLength(3);
});

it("finds its own quote again below a stored answer, and takes any other for text", () => {
  const below = quote("Hello", "Yesterday, Radu:");
  expect(splitQuote(`Yes.${below}`.trimEnd(), below)).toEqual(["Yes.", below]);
  expect(splitQuote("Yes.\n\n> something else", below)).toEqual(["Yes.\n\n> something else", ""]);
  expect(splitQuote("Yes.", "")).toEqual(["Yes.", ""]);
});
