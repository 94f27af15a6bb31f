import { expect, it } from "vitest";
import { says, serve, show, text } from "~/app/page.testing";
import { DomainReports } from "./DomainReports";

it("says who sent mail in the domain's name, and who could not reach us", async () => {
  serve({
    "GET /api/v1/mail/domains/{name}/reports": {
      dmarc: [
        { source: "198.51.100.9", passed: 0, failed: 5, why: "dkim spf" },
        { source: "192.0.2.1", passed: 9, failed: 0, why: "" },
      ],
      tls: [{ source: "192.0.2.7", passed: 0, failed: 3, why: "certificate-expired" }],
      reports: [{ kind: "dmarc", reporter: "big.test", passed: 9, failed: 5 }],
    },
  });
  await show(<DomainReports name="acme.test" />);
  await says("5 not proven");
  expect(text()).toContain("9 proven");
  expect(text()).toContain("the certificate is over");
  expect(text()).toContain("big.test");
});
