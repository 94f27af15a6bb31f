import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Group, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { explain } from "~/app/notify";
import { type Language, languageStore, languages, speak } from "~/i18n";
import { useStore } from "~/live/store";
import { PasswordInput } from "~/parts/Password";
import classes from "./Login.module.css";
import { Code } from "./SecondFactor";

/** Who logged in with a code on this browser is asked for one at once. */
const coded = "frontdesk.code";

/** Name and password; in a demo, the people one can be. */
export default function Login() {
  const { t } = useLingui();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(() => localStorage.getItem(coded) !== null);
  const enter = useMutation({
    mutationFn: (as: { login: string; password: string; code?: string }) => ok(api.POST("/api/v1/login", { body: as })),
    onSuccess: (_, { code }) => {
      if (code) localStorage.setItem(coded, "yes");
      return client.resetQueries();
    },
    onError: () => setAsksCode(true), // what was wrong is not told: it may have been that
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    enter.mutate({ login, password, code: code || undefined });
  };
  return (
    <main className={classes.page}>
      <div className={classes.box}>
        <img src="/icon.svg" alt="" className={classes.logo} />
        <Title order={1}>
          <Trans>Log in to Frontdesk</Trans>
        </Title>
        <form onSubmit={submit}>
          <Stack gap="md">
            <TextInput
              label={t`Login`}
              name="login"
              autoComplete="username"
              required
              autoFocus
              value={login}
              onChange={(e) => setLogin(e.currentTarget.value)}
            />
            <PasswordInput
              label={t`Password`}
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(e) => setPassword(e.currentTarget.value)}
            />
            {asksCode ? (
              <Code
                value={code}
                onChange={setCode}
                optional
                description={<Trans>Of your authenticator app, if you have set one up, or a recovery code</Trans>}
              />
            ) : (
              <UnstyledButton className={classes.language} onClick={() => setAsksCode(true)}>
                <Trans>I have a code of an app</Trans>
              </UnstyledButton>
            )}
            {enter.error && (
              <Alert color="red" role="alert">
                {explain(enter.error)}
              </Alert>
            )}
            <Button type="submit" size="sm" loading={enter.isPending}>
              <Trans>Log in</Trans>
            </Button>
          </Stack>
        </form>
        <DemoPeople onPick={(as) => enter.mutate(as)} />
        <Languages />
      </div>
    </main>
  );
}

function DemoPeople({ onPick }: { onPick: (as: { login: string; password: string }) => void }) {
  const demo = useQuery({
    queryKey: ["demo"],
    queryFn: () => ok(api.GET("/api/v1/demo")),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!demo.data) return null;
  return (
    <Stack gap="xs">
      <Text c="dimmed" size="xs">
        <Trans>This is a demo company. Come in as</Trans>
      </Text>
      {demo.data.users.map(({ login, password, name, extension }) => (
        <UnstyledButton key={login} className={classes.person} onClick={() => onPick({ login, password })}>
          <Text span truncate flex={1}>
            {name || login}
          </Text>
          <Text span c="dimmed" size="xs">
            {extension}
          </Text>
        </UnstyledButton>
      ))}
    </Stack>
  );
}

function Languages() {
  const { language } = useStore(languageStore, (s) => s);
  return (
    <Group justify="center" gap="md">
      {Object.entries(languages).map(([code, name]) => (
        <UnstyledButton
          key={code}
          lang={code}
          aria-pressed={code === language}
          className={classes.language}
          onClick={() => void speak(code as Language)}
        >
          {name}
        </UnstyledButton>
      ))}
    </Group>
  );
}
