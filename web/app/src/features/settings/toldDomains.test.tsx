import { expect, it } from "vitest";
import { says, serve, show } from "~/app/page.testing";
import { ToldDomains } from "./ToldDomains";

it("turns each kind of report off by itself", async () => {
  const asked = serve({
    "GET /api/v1/mail/told": { dmarc: true, tls: true },
    "PUT /api/v1/mail/told": { dmarc: false, tls: true },
  });
  await show(<ToldDomains />);
  await says("DMARC");
  document.querySelector("input")?.click();
  await expect.poll(() => asked).toContainEqual({ what: "PUT /api/v1/mail/told", with: { dmarc: false, tls: true } });
});
