import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { SecondFactor } from "~/features/login/SecondFactor";
import { OwnExclusions } from "~/features/settings/Exclusions";
import { DeleteButton } from "~/parts/deeds";
import { Failure } from "~/parts/Empty";
import { LateRows } from "~/parts/Late";
import { PasswordInput } from "~/parts/Password";
import { When } from "~/parts/When";
import { step } from "~/parts/walk";
import classes from "./Account.module.css";
import { browserOf } from "./browser";
import { AppleProfiles, MailFiling } from "./MailFiling";
import { MailPasswords } from "./MailPasswords";
import { complain, explain, say } from "./notify";
import { Tokens, tokensKey } from "./Tokens";
import { passwordChanged, sessionsEnded } from "./words";

const key = ["own-sessions"];

/** What is the person's own: the password, and where one is logged in. */
export default function Account({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Trans>Your account</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
      size="lg"
    >
      <Stack gap="xl">
        <Password />
        <SecondFactor />
        <Sessions />
        <MailPasswords />
        <AppleProfiles />
        <MailFiling />
        <OwnExclusions />
        <Tokens />
        <Everywhere />
      </Stack>
    </Modal>
  );
}

/** The way out for who lost a device, or does not know who knows the password. */
function Everywhere() {
  const out = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/logout/everywhere")),
    onSuccess: () => location.assign("/"),
    onError: complain,
  });
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <Text c="dimmed" flex={1}>
        <Trans>Ends every log-in of yours, this one too, and all your API tokens.</Trans>
      </Text>
      <DeleteButton
        onDelete={() => out.mutate()}
        label={<Trans>Log out everywhere</Trans>}
        sure={<Trans>Really log out everywhere</Trans>}
      />
    </Group>
  );
}

function Password() {
  const { t } = useLingui();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    mutationFn: () => ok(api.POST("/api/v1/me/password", { body: { old, new: fresh } })),
    onSuccess: () => {
      setOld("");
      setFresh("");
      say(passwordChanged);
      void client.invalidateQueries({ queryKey: key });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Title order={3}>
          <Trans>Password</Trans>
        </Title>
        <PasswordInput
          label={t`Present password`}
          autoComplete="current-password"
          required
          value={old}
          onChange={(e) => setOld(e.currentTarget.value)}
        />
        <PasswordInput
          label={t`New password`}
          description={t`At least 8 characters. You stay logged in here; your other browsers log in again.`}
          autoComplete="new-password"
          required
          minLength={8}
          value={fresh}
          onChange={(e) => setFresh(e.currentTarget.value)}
        />
        {change.error && (
          <Alert color="red" role="alert">
            {explain(change.error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            <Trans>Change the password</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Sessions() {
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async () => (await ok(api.GET("/api/v1/me/sessions"))).items,
  });
  const done = () => {
    say(sessionsEnded);
    for (const queryKey of [key, tokensKey]) void client.invalidateQueries({ queryKey });
  };
  const end = useMutation({
    mutationFn: (id: string) => ok(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id } } })),
    onSuccess: done,
    onError: complain,
  });
  const endAll = useMutation({
    mutationFn: () => ok(api.DELETE("/api/v1/me/sessions")),
    onSuccess: done,
    onError: complain,
  });
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={3}>
          <Trans>Where you are logged in</Trans>
        </Title>
        <Button
          variant="default"
          disabled={(data?.length ?? 0) < 2}
          loading={endAll.isPending}
          onClick={() => endAll.mutate()}
        >
          <Trans>Log out everywhere else</Trans>
        </Button>
      </Group>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <LateRows count={2} />}
      <ul className={classes.sessions}>
        {data?.map((s) => (
          <li key={s.id} className={classes.session} {...step}>
            <div className={classes.where}>
              <Text fw={500}>{browserOf(s.agent)}</Text>
              <Text c="dimmed" size="xs">
                {s.ip} · <When at={s.seen} />
              </Text>
            </div>
            {s.current ? (
              <Text c="dimmed">
                <Trans>this browser</Trans>
              </Text>
            ) : (
              <Button variant="default" onClick={() => end.mutate(s.id)}>
                <Trans>Log out</Trans>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Stack>
  );
}
