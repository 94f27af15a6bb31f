import { Trans } from "@lingui/react/macro";
import { Kbd, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, ok } from "~/api";
import { useMe, useUsers } from "~/api/queries";
import parts from "~/parts/parts.module.css";
import classes from "./Day.module.css";

/** What to do first, where nothing waits: of an administrator what is missing for calls and mail, of anybody what keys there are. */
export function FirstSteps() {
  return (
    <ol className={classes.steps}>
      {useMe()?.role === "admin" && <Missing />}
      <Step deed={<Trans>Call somebody</Trans>}>
        <Kbd size="xs">d</Kbd>
      </Step>
      <Step deed={<Trans>Write a mail</Trans>}>
        <Kbd size="xs">c</Kbd>
      </Step>
      <Step deed={<Trans>Find a client</Trans>}>
        <Kbd size="xs">Ctrl K</Kbd>
      </Step>
    </ol>
  );
}

/** What the company has none of yet. */
function Missing() {
  const trunks = useQuery({ queryKey: ["trunks"], queryFn: async () => (await ok(api.GET("/api/v1/trunks"))).items });
  const domains = useQuery({
    queryKey: ["mail-domains"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/domains"))).items,
  });
  const users = useUsers();
  return (
    <>
      {trunks.data?.length === 0 && (
        <Step deed={<Trans>Connect your phone line or PBX</Trans>}>
          <To page="telephony" />
        </Step>
      )}
      {users.length === 1 && (
        <Step deed={<Trans>Add your colleagues</Trans>}>
          <To page="people" />
        </Step>
      )}
      {domains.data?.length === 0 && (
        <Step deed={<Trans>Set up your mail domain</Trans>}>
          <To page="mail" />
        </Step>
      )}
    </>
  );
}

function To({ page }: { page: string }) {
  return (
    <Link to="/settings/$page" params={{ page }} className={parts.link}>
      <Trans>Open settings</Trans>
    </Link>
  );
}

function Step({ deed, children }: { deed: ReactNode; children: ReactNode }) {
  return (
    <li>
      <Text span>{deed}</Text>
      {children}
    </li>
  );
}
