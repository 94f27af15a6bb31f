import { expect, it } from "vitest";
import { joinedLetter, openPlaces, paragraphs, partsOf, quoted, written } from "./letter";
import { lines, page } from "./MessageBody";
import { addressesIn, answerTo, replySubject } from "./people";
import { framed, idOf, sent, shown, taken } from "./pictures";
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

it("takes a stored mail apart as it was put together", () => {
  const letter = { html: "<p>Yes.</p>", signature: "<p>Ana</p>", quote: quoted("Radu:", "<p>How much?</p>") };
  expect(partsOf(joinedLetter(letter))).toEqual(letter);
  const plain = { html: "<p>Yes.</p>", signature: "", quote: "" };
  expect(partsOf(joinedLetter(plain))).toEqual(plain);
  expect(partsOf('<div><div class="frontdesk_quote">theirs</div></div>').quote).toBe("");
});

it("makes paragraphs of plain text", () => {
  expect(paragraphs("Hi <b>\nyou\n\n\nBye\n")).toBe("<p>Hi &lt;b&gt;<br>you</p><p>Bye</p>");
  expect(paragraphs("\n")).toBe("");
  expect(paragraphs("Not ")).toBe("<p>Not </p>"); // typed before the editor is there, with the next word to come
  expect([written("<p></p>"), written("<p> <br></p>"), written("<p>x</p>")]).toEqual(["", "", "<p>x</p>"]);
});

it("finds the places of a template that nothing was put into", () => {
  expect(openPlaces("Offer {{a.b}}", "<p>{{<b>a.b</b>}} and {{ c }}</p>")).toEqual(["{{a.b}}", "{{ c }}"]);
});

it("makes files of the pictures within HTML, and shows them again", () => {
  const data = "data:image/png;base64,iVBORw0KGgo=";
  const { html, files } = taken(`<p>x<img src="${data}" alt="a"><img src="data:image/svg+xml;base64,AAAA"></p>`);
  expect(files.map((f) => [f.type, f.size])).toEqual([["image/png", 8]]);
  const id = idOf(files[0]!);
  expect(html).toBe(`<p>x<img src="cid:${id}" alt="a"></p>`);
  expect(framed(html)).toContain(data);
  expect(shown(html)).toMatch(/src="blob:[^"]+"/);
  expect(sent(shown(html))).toBe(`<p>x<img src="cid:${id}" alt="a"></p>`);
});
