import { Trans, useLingui } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  Kbd,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconBell,
  IconBellOff,
  IconHeadset,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMail,
  IconMoon,
  IconPhoneCall,
  IconPhonePlus,
  IconSearch,
  IconUserCog,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { api, ok } from "~/api";
import { useMe, useSettings } from "~/api/queries";
import { useWaiting } from "~/features/day/queries";
import { disturb } from "~/features/handling/handling";
import { type Language, languageStore, languages, speak } from "~/i18n";
import { talking } from "~/live/state";
import { useStore } from "~/live/store";
import { Face } from "~/parts/people";
import { State } from "~/parts/State";
import { leave } from "./leave";
import { attempt, live, useLiveState } from "./live";
import { palette } from "./Palette";
import classes from "./TopBar.module.css";

const Account = lazy(() => import("./Account"));
const HandlingDialog = lazy(() => import("~/features/handling/HandlingDialog"));
const SoundDialog = lazy(() => import("./SoundDialog"));

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const { t } = useLingui();
  const company = useSettings()?.company;
  return (
    <header className={classes.bar}>
      <Link to="/" className={classes.company}>
        <img src="/icon.svg" alt="" className={classes.logo} />
        <span className={classes.companyName}>{company ?? "Frontdesk"}</span>
      </Link>
      <UnstyledButton className={classes.find} onClick={palette.open} aria-label={t`Find or do`}>
        <IconSearch className={classes.icon} aria-hidden />
        <Text span c="dimmed" className={classes.findText}>
          <Trans>Find or do…</Trans>
        </Text>
        <Kbd size="xs" className={classes.findKey}>
          Ctrl K
        </Kbd>
      </UnstyledButton>
      <Group gap="sm" wrap="nowrap" className={classes.end}>
        <OwnState />
        <Button
          variant="default"
          leftSection={<IconPhonePlus className={classes.icon} />}
          onClick={palette.dial}
          className={classes.dial}
          aria-label={t`Dial`}
        >
          <span className={classes.dialText}>
            <Trans>Dial</Trans>
          </span>
        </Button>
        <Bell />
        <UserMenu onHelp={onHelp} />
      </Group>
    </header>
  );
}

/** Whether one does not want to be disturbed: set here, at another browser, or at a desk phone. */
function useQuiet(): boolean {
  const me = useMe()?.id;
  useEffect(() => (me ? live.show(me) : undefined), [me]);
  return useLiveState().online[me ?? ""]?.quiet ?? false;
}

/** Whether the person can be reached: follows the socket and the calls by itself. */
function OwnState() {
  const state = useLiveState();
  const quiet = useQuiet();
  if (state.status !== "open")
    return (
      <State is="wait">
        <span className={classes.word}>
          <Trans>Connecting…</Trans>
        </span>
      </State>
    );
  if (talking(state).length || state.stage)
    return (
      <State is="wait">
        <span className={classes.word}>
          <Trans>In a call</Trans>
        </span>
      </State>
    );
  if (quiet)
    return (
      <State is="bad">
        <span className={classes.word}>
          <Trans>Do not disturb</Trans>
        </span>
      </State>
    );
  return (
    <State is="live">
      <span className={classes.word}>
        <Trans>Available</Trans>
      </span>
    </State>
  );
}

/** How much waits on My day. */
function Bell() {
  const { t } = useLingui();
  const count = useWaiting();
  return (
    <Tooltip label={t`What waits for you`}>
      <Indicator
        label={count > 99 ? "99+" : count}
        disabled={!count}
        size="var(--mantine-spacing-lg)"
        offset={4}
        color="red"
      >
        <ActionIcon component={Link} to="/" aria-label={t`${count} waiting`}>
          <IconBell className={classes.icon} />
        </ActionIcon>
      </Indicator>
    </Tooltip>
  );
}

function UserMenu({ onHelp }: { onHelp: () => void }) {
  const { t } = useLingui();
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const quiet = useQuiet();
  const [own, account] = useDisclosure();
  const [handled, handling] = useDisclosure();
  const [sounding, sound] = useDisclosure();
  const next = { auto: "light", light: "dark", dark: "auto" } as const;
  const themes = { auto: t`Theme: as the system`, light: t`Theme: light`, dark: t`Theme: dark` };
  return (
    <>
      <Menu position="bottom-end" width="var(--fd-people)">
        <Menu.Target>
          <UnstyledButton aria-label={t`Your menu`} className={classes.me}>
            <Face name={me?.name ?? ""} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{me?.name}</Menu.Label>
          <Menu.Item
            leftSection={<IconMoon className={classes.icon} />}
            closeMenuOnClick={false}
            onClick={() => setColorScheme(next[colorScheme])}
          >
            {themes[colorScheme]}
          </Menu.Item>
          <LanguageItems />
          <Menu.Item
            leftSection={quiet ? <IconBell className={classes.icon} /> : <IconBellOff className={classes.icon} />}
            onClick={() => attempt(disturb(!quiet))}
          >
            {quiet ? <Trans>End do not disturb</Trans> : <Trans>Do not disturb</Trans>}
          </Menu.Item>
          <Menu.Item leftSection={<IconPhoneCall className={classes.icon} />} onClick={handling.open}>
            <Trans>Calls to you</Trans>
          </Menu.Item>
          <Menu.Item leftSection={<IconHeadset className={classes.icon} />} onClick={sound.open}>
            <Trans>Sound and devices</Trans>
          </Menu.Item>
          <Menu.Item leftSection={<IconMail className={classes.icon} />} component={Link} to="/mailboxes">
            <Trans>Mailboxes elsewhere</Trans>
          </Menu.Item>
          <Menu.Item leftSection={<IconUserCog className={classes.icon} />} onClick={account.open}>
            <Trans>Your account</Trans>
          </Menu.Item>
          <Menu.Item
            leftSection={<IconKeyboard className={classes.icon} />}
            onClick={onHelp}
            rightSection={<Kbd size="xs">?</Kbd>}
          >
            <Trans>Keys</Trans>
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout className={classes.icon} />} onClick={() => attempt(logOut())}>
            <Trans>Log out</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {own && (
        <Suspense>
          <Account onClose={account.close} />
        </Suspense>
      )}
      {handled && (
        <Suspense>
          <HandlingDialog onClose={handling.close} />
        </Suspense>
      )}
      {sounding && (
        <Suspense>
          <SoundDialog onClose={sound.close} />
        </Suspense>
      )}
    </>
  );
}

function LanguageItems() {
  const { t } = useLingui();
  const { language } = useStore(languageStore, (s) => s);
  return (
    <Menu.Sub>
      <Menu.Sub.Target>
        <Menu.Sub.Item
          leftSection={<IconLanguage className={classes.icon} />}
        >{t`Language: ${languages[language]}`}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown>
        {Object.entries(languages).map(([code, name]) => (
          <Menu.Item key={code} lang={code} onClick={() => void speak(code as Language)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}

async function logOut(): Promise<void> {
  await ok(api.POST("/api/v1/logout"));
  await leave();
}
