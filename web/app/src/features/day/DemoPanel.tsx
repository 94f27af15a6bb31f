import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Select, Text } from "@mantine/core";
import { IconMail, IconPhoneIncoming } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ok } from "~/api";
import { useMe } from "~/api/queries";
import { useLiveState } from "~/app/live";
import { complain } from "~/app/notify";
import { phone } from "~/i18n/format";
import classes from "./Day.module.css";

/** In a demo: makes a client call or write, through the same doors as the world's. */
export function DemoPanel() {
  const { t } = useLingui();
  const me = useMe();
  const { demo } = useLiveState();
  const info = useQuery({
    queryKey: ["demo"],
    queryFn: () => ok(api.GET("/api/v1/demo")),
    enabled: demo,
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  const [number, setNumber] = useState("");
  const who = info?.clients.find((c) => c.number === number);
  const call = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/demo/call", { body: number ? { from: number } : {} })),
    onError: complain,
  });
  const write = useMutation({
    mutationFn: () =>
      ok(
        api.POST("/api/v1/demo/mail", {
          body: { from: who?.email, to: info?.users.find((u) => u.login === me?.login)?.mailbox },
        }),
      ),
    onError: complain,
  });
  if (!demo || !info) return null;
  return (
    <section className={classes.demo} aria-label={t`Demo`}>
      <div className={classes.demoText}>
        <Text fw={600}>
          <Trans>Try it</Trans>
        </Text>
        <Text c="dimmed">
          <Trans>
            A real call and a real mail come in, and the client's card opens. Clients answer what you write to them.
          </Trans>
        </Text>
      </div>
      <Group gap="sm">
        <Select
          size="xs"
          aria-label={t`Client`}
          value={number}
          onChange={(v) => setNumber(v ?? "")}
          data={[
            { value: "", label: t`Any client` },
            ...info.clients.map((c) => ({ value: c.number, label: `${c.name} · ${phone(c.number)}` })),
          ]}
        />
        <Button
          size="sm"
          leftSection={<IconPhoneIncoming className={classes.icon} />}
          loading={call.isPending}
          onClick={() => call.mutate()}
        >
          <Trans>Have a client call me</Trans>
        </Button>
        <Button
          size="sm"
          variant="default"
          leftSection={<IconMail className={classes.icon} />}
          loading={write.isPending}
          onClick={() => write.mutate()}
        >
          <Trans>Have a client write to me</Trans>
        </Button>
      </Group>
    </section>
  );
}
