import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { CopyText, DeleteButton } from "~/parts/deeds";
import shared from "~/parts/parts.module.css";
import { complain } from "./notify";

const key = ["mail-carbon"];

/** Where one sends a blind copy of what one writes elsewhere, to have it filed; nothing for who has no mailbox here. */
export function MailFiling() {
  const { data } = useQuery({ queryKey: key, queryFn: () => ok(api.GET("/api/v1/mail/carbon")) });
  const changed = () => client.invalidateQueries({ queryKey: key });
  const renew = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/mail/carbon")),
    onSuccess: changed,
    onError: complain,
  });
  const drop = useMutation({
    mutationFn: () => ok(api.DELETE("/api/v1/mail/carbon")),
    onSuccess: changed,
    onError: complain,
  });
  if (!data) return null;
  const from = data.from.join(", ");
  return (
    <Stack gap="sm">
      <Title order={3}>
        <Trans>Mail from other programs</Trans>
      </Title>
      <Text c="dimmed">
        <Trans>
          Send a blind copy (Bcc) of what you write to a client from another program or phone to this address: it stands
          on the client's timeline and in your Sent. It is taken from {from} only.
        </Trans>
      </Text>
      {data.address && <CopyText>{data.address}</CopyText>}
      <Group gap="sm">
        {data.address ? (
          <>
            <DeleteButton
              label={<Trans>New address</Trans>}
              sure={<Trans>Really replace it: the old one ends</Trans>}
              onDelete={() => renew.mutate()}
            />
            <DeleteButton label={<Trans>Give it up</Trans>} onDelete={() => drop.mutate()} />
          </>
        ) : (
          <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate()}>
            <Trans>Make an address</Trans>
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** What sets one's mailboxes up on Apple's phones and computers. */
export function AppleProfiles() {
  const { data } = useQuery({
    queryKey: ["mailboxes", "own"],
    queryFn: async () => (await ok(api.GET("/api/v1/mail/mailboxes"))).items,
  });
  const here = data?.filter((m) => !m.remote) ?? [];
  if (!here.length) return null;
  return (
    <Stack gap="sm">
      <Title order={3}>
        <Trans>iPhone, iPad and Mac</Trans>
      </Title>
      <Text c="dimmed">
        <Trans>Open it on the device, then allow it in the device's settings. It asks for a password from above.</Trans>
      </Text>
      {here.map((m) => (
        <a key={m.id} className={shared.link} href={`/api/v1/mail/mailboxes/${m.id}/profile`} download>
          <Trans>Profile for {m.address}</Trans>
        </a>
      ))}
    </Stack>
  );
}
