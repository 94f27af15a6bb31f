import { Trans } from "@lingui/react/macro";
import { Alert, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, ok } from "~/api";
import { useMe, useNumbers } from "~/api/queries";
import { unchosen } from "~/app/unchosen";
import { Stops } from "~/features/settings/Stops";
import parts from "~/parts/parts.module.css";
import { silentLines } from "./silent";

/** Tells an administrator whose calls ring nobody, as nobody was chosen yet, and leads to where that is done. */
export function Choose() {
  return useMe()?.role === "admin" ? <Unchosen /> : null;
}

function Unchosen() {
  const trunks = useQuery({ queryKey: ["trunks"], queryFn: async () => (await ok(api.GET("/api/v1/trunks"))).items });
  const rules = useQuery({ queryKey: ["rules"], queryFn: async () => (await ok(api.GET("/api/v1/rules"))).items });
  const numbers = useNumbers();
  if (!trunks.data || !rules.data || !numbers) return null;
  const silent = silentLines(trunks.data, numbers);
  return (
    <>
      <Stops />
      {silent.map((line) => (
        <Notice key={line.id} page="telephony" deed={<Trans>Choose who is rung</Trans>}>
          <Trans>Calls over {line.name} ring nobody: no number of that line leads to anybody yet.</Trans>
        </Notice>
      ))}
      {unchosen(rules.data) && (
        <Notice page="crm" deed={<Trans>Choose who gets them</Trans>}>
          <Trans>New clients ring nobody yet: no rule says who gets them.</Trans>
        </Notice>
      )}
    </>
  );
}

function Notice({ page, deed, children }: { page: string; deed: ReactNode; children: ReactNode }) {
  return (
    <Alert color="yellow" role="status">
      <Stack gap="xs" align="flex-start">
        {children}
        <Link to="/settings/$page" params={{ page }} className={parts.link}>
          {deed}
        </Link>
      </Stack>
    </Alert>
  );
}
