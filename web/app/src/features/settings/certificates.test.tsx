import { expect, it } from "vitest";
import { says, serve, show, text } from "~/app/page.testing";
import { Certificates } from "./Certificates";

it("says which names have a certificate, and what to do where one does not come", async () => {
  serve({
    "GET /api/v1/certificates": {
      ordered: true,
      items: [
        { name: "desk.acme.test", state: "valid", ends: "2027-02-01T10:00:00Z" },
        { name: "mail.acme.test", state: "waiting", trouble: "connection", detail: "refused at 192.0.2.1" },
        { name: "mta-sts.acme.test", state: "failing", trouble: "strange", ends: "2027-01-01T10:00:00Z" },
      ],
    },
  });
  await show(<Certificates />);
  await says("Valid");
  expect(text()).toContain("could not reach this server");
  expect(text()).toContain("refused at 192.0.2.1");
  expect(text()).toContain("It did not come");
});

it("says how to have them where none are ordered", async () => {
  serve({ "GET /api/v1/certificates": { ordered: false, items: [] } });
  await show(<Certificates />);
  await says("tls.acme.directory");
});
