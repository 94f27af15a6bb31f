import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Popover, Stack, Text, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconArrowForwardUp,
  IconChecklist,
  IconCreditCardOff,
  IconDeviceLandlinePhone,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconParking,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerRecord,
  IconPlayerStop,
  IconSettings,
  IconSwitchHorizontal,
  IconUsersPlus,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { meQuery, useUserName } from "~/api/queries";
import { DispositionFields } from "~/features/calls/Disposition";
import { phone, unset } from "~/i18n/format";
import type { CallRecording, CallView, Transfer } from "~/live/protocol";
import { desk, legOf, type MyCall, onPhone, supervising, talking, transferOf } from "~/live/state";
import type { LegMedia } from "~/media/phone";
import { DeviceSelects } from "~/parts/DeviceSelects";
import { State } from "~/parts/State";
import classes from "./CallBar.module.css";
import { useOther, useTarget } from "./callers";
import { cards } from "./card";
import { Keypad } from "./Keypad";
import { attempt, live, useLiveState } from "./live";
import { MeetingBar } from "./MeetingBar";
import { NetworkFigures, WeakNetwork } from "./Network";
import { Overheard } from "./Overheard";
import { Timer } from "./Timer";
import { TransferForm } from "./TransferForm";
import { causes, word } from "./words";

const Supervising = lazy(() => import("./Supervising"));

/** The calls we speak in, and the meeting we left the stage of; nothing otherwise. */
export function CallBar() {
  const state = useLiveState();
  const { t } = useLingui();
  const calls = talking(state);
  const away = onPhone(state);
  const heard = supervising(state);
  if (!calls.length && !state.stage && !away.length && !heard.length) return null;
  return (
    <section className={classes.bars} aria-label={t`Running calls`} data-testid="call-bar">
      {calls.map((call) => (
        <Running key={call.leg} call={call} media={state.legs.find((l) => l.leg === call.leg)} />
      ))}
      {away.map((call) => (
        <AtDesk key={call.leg} call={call} />
      ))}
      {heard.map((call) => (
        <Suspense key={call.leg}>
          <Supervising call={call} />
        </Suspense>
      ))}
      <MeetingBar />
    </section>
  );
}

function Running({ call, media }: { call: MyCall; media: LegMedia | undefined }) {
  const { t } = useLingui();
  const { leg, view } = call;
  const held = legOf(view, leg)?.held ?? false;
  const answered = view.state === "answered";
  const { name, number, event } = useOther(call);
  const transfer = transferOf(view, leg);
  const rings = transfer?.state === "calling" || transfer?.state === "ringing";
  const away = rings && transfer.to !== desk;
  return (
    <div className={classes.bar} data-state={view.state} data-leg={leg}>
      <span className={classes.time}>
        <State is={answered && !held ? "live" : "wait"}>
          {answered && !unset(view.answered) ? <Timer since={view.answered} /> : <Trans>Calling…</Trans>}
        </State>
      </span>
      <UnstyledButton
        className={classes.who}
        onClick={() => event && cards.recall({ ...event, call: view.call })}
        aria-label={t`Show the card of ${name || number}`}
      >
        <Text span fw={600} truncate>
          {name || number || <Trans>Unknown</Trans>}
        </Text>
        <Text span c="dimmed" truncate className={classes.line}>
          {name && phone(name) !== number && number}
          {view.line && <Trans> · via {phone(view.line)}</Trans>}
        </Text>
        <Besides call={call} />
        <From user={legOf(view, leg)?.by} />
      </UnstyledButton>
      {transfer && <Transferring transfer={transfer} />}
      <Recorded leg={leg} of={view.recording} />
      <Overheard of={view} />
      {!away && <Status held={held} media={media} />}
      {rings && (
        <Button variant="default" onClick={() => attempt(live.takeBack(leg))} className={classes.end}>
          {away ? <Trans>Take back</Trans> : <Trans>Stay here</Trans>}
        </Button>
      )}
      {!away &&
        (media ? (
          <Controls call={view} leg={leg} held={held} answered={answered} media={media} />
        ) : (
          <Elsewhere leg={leg} />
        ))}
      <Button
        color="red"
        leftSection={<IconPhoneOff className={classes.icon} />}
        onClick={() => attempt(live.hangup(leg))}
        className={classes.end}
      >
        <Trans>Hang up</Trans>
      </Button>
    </div>
  );
}

/** A call of ours on the desk phone: it can go on here. */
function AtDesk({ call }: { call: MyCall }) {
  const { name, number } = useOther(call);
  return (
    <div className={classes.bar} data-state="answered">
      <span className={classes.time}>
        <State is="live">
          <Timer since={call.view.answered} />
        </State>
      </span>
      <Text span fw={600} truncate flex={1}>
        {name || number || <Trans>Unknown</Trans>}
      </Text>
      <Recorded leg={call.leg} of={call.view.recording} />
      <Overheard of={call.view} />
      <Text span c="dimmed">
        <Trans>On your desk phone</Trans>
      </Text>
      <Button variant="default" onClick={() => attempt(live.fetch(call.view.call))} className={classes.end}>
        <Trans>Speak here</Trans>
      </Button>
    </div>
  );
}

/** How many more are in a call than one other. */
function Besides({ call: { leg, view } }: { call: MyCall }) {
  const more = view.legs.filter((l) => l.leg !== leg && l.state === "active").length - 1;
  if (more < 1) return null;
  return (
    <Text span c="dimmed" className={classes.line}>
      <Plural value={more} one="and # more" other="and # more" />
    </Text>
  );
}

/** The colleague who sent the other side here. */
function From({ user }: { user: string | undefined }) {
  const name = useUserName(user);
  if (!name) return null;
  return (
    <Text span c="dimmed" truncate className={classes.line}>
      <Trans>· sent by {name}</Trans>
    </Text>
  );
}

/** Whom the other side is on the way to, or why it did not get there. */
function Transferring({ transfer }: { transfer: Transfer }) {
  const to = useTarget(transfer);
  if (transfer.to === desk) return <ToDesk of={transfer} />;
  if (transfer.state === "failed" || transfer.state === "back")
    return (
      <span className={classes.refused}>
        <State is="bad">
          <Trans>
            Not transferred to {to}: {word(causes, transfer.cause ?? "")}
          </Trans>
        </State>
      </span>
    );
  return (
    <State is="wait">
      {transfer.state === "ringing" ? <Trans>Transferring to {to}: rings</Trans> : <Trans>Transferring to {to}…</Trans>}
    </State>
  );
}

/** The call is to go on at the desk phone, which rings; until then one speaks here. */
function ToDesk({ of: { state, cause } }: { of: Transfer }) {
  if (state === "failed" || state === "back")
    return (
      <span className={classes.refused}>
        <State is="bad">
          <Trans>Your desk phone did not take the call: {word(causes, cause ?? "")}</Trans>
        </State>
      </span>
    );
  return (
    <State is="wait">
      <Trans>Your desk phone rings: pick it up</Trans>
    </State>
  );
}

function Status({ held, media }: { held: boolean; media: LegMedia | undefined }) {
  if (held)
    return (
      <State is="wait">
        <Trans>On hold</Trans>
      </State>
    );
  if (media?.blocked)
    return (
      <State is="wait">
        <Trans>Click anywhere to hear</Trans>
      </State>
    );
  if (media?.connection === "disconnected" || media?.connection === "failed")
    return (
      <State is="bad">
        <Trans>No connection</Trans>
      </State>
    );
  if (media?.muted)
    return (
      <State is="bad">
        <Trans>Muted</Trans>
      </State>
    );
  return <WeakNetwork of={media?.quality} />;
}

/** Whether the call is recorded, always in sight, and what the company lets one do about it. */
function Recorded({ leg, of: r }: { leg: string; of: CallRecording | undefined }) {
  const { t } = useLingui();
  if (!r || (r.state === "off" && !r.start)) return null;
  return (
    <Group gap="xs" wrap="nowrap" data-testid="recording-state">
      {r.state === "on" && (
        <State is="bad">
          <Trans>Recording</Trans>
        </State>
      )}
      {r.state === "announced" && (
        <State is="wait">
          <Trans>Saying that it is recorded</Trans>
        </State>
      )}
      {r.state === "paused" && (
        <State is="wait">
          <Trans>Recording paused</Trans>
        </State>
      )}
      {r.start && (
        <Tool label={t`Record`} onClick={() => attempt(live.record(leg, "start"))}>
          <IconPlayerRecord className={classes.icon} />
        </Tool>
      )}
      {r.pause && r.state !== "paused" && (
        <Tool label={t`Pause the recording`} onClick={() => attempt(live.record(leg, "pause"))}>
          <IconCreditCardOff className={classes.icon} />
        </Tool>
      )}
      {r.state === "paused" && (
        <Tool label={t`Go on recording`} on onClick={() => attempt(live.record(leg, "resume"))}>
          <IconPlayerRecord className={classes.icon} />
        </Tool>
      )}
      {r.stop && (
        <Tool label={t`Stop the recording`} onClick={() => attempt(live.record(leg, "stop"))}>
          <IconPlayerStop className={classes.icon} />
        </Tool>
      )}
    </Group>
  );
}

/** The call runs in another tab or was left by one: it can come here. */
function Elsewhere({ leg }: { leg: string }) {
  return (
    <Button variant="default" onClick={() => attempt(live.takeOver(leg))}>
      <Trans>Speak here</Trans>
    </Button>
  );
}

type ControlProps = { call: CallView; leg: string; held: boolean; answered: boolean; media: LegMedia };

function Controls({ call: { call, direction }, leg, held, answered, media }: ControlProps) {
  const { t } = useLingui();
  const others = talking(useLiveState()).filter((call) => call.leg !== leg && call.view.state === "answered");
  const client = direction === "in" || direction === "out";
  const phoned = useQuery(meQuery).data?.desk_phone;
  const MuteIcon = media.muted ? IconMicrophoneOff : IconMicrophone;
  const HoldIcon = held ? IconPlayerPlay : IconPlayerPause;
  return (
    <Group gap="xs" wrap="nowrap">
      <Tool
        label={media.muted ? t`Unmute` : t`Mute`}
        on={media.muted}
        onClick={() => attempt(live.phone.mute(leg, !media.muted))}
      >
        <MuteIcon className={classes.icon} />
      </Tool>
      <Tool
        label={held ? t`Take back` : t`Hold`}
        on={held}
        disabled={!answered}
        onClick={() => attempt(live.hold(leg, !held))}
      >
        <HoldIcon className={classes.icon} />
      </Tool>
      {client && (
        <Drop label={t`What came of the call`} icon={<IconChecklist className={classes.icon} />} disabled={!answered}>
          {() => <DispositionFields call={call} />}
        </Drop>
      )}
      <Drop label={t`Keypad`} icon={<IconDialpad className={classes.icon} />}>
        {() => <Keypad onKey={(key) => attempt(live.phone.digit(leg, key))} />}
      </Drop>
      <Drop label={t`Microphone and loudspeaker`} icon={<IconSettings className={classes.icon} />}>
        {() => (
          <Stack gap="sm" className={classes.devices}>
            <DeviceSelects
              kinds={["audioinput", "audiooutput"]}
              ready
              onChoose={(kind) => attempt(live.change(kind))}
            />
            <NetworkFigures of={media.quality} />
          </Stack>
        )}
      </Drop>
      {others[0] && held && (
        <Tool label={t`Swap calls`} onClick={() => attempt(live.swap())}>
          <IconSwitchHorizontal className={classes.icon} />
        </Tool>
      )}
      {others[0] && (
        <Tool
          label={t`All talk together`}
          disabled={!answered}
          onClick={() => attempt(live.merge(leg, others[0]!.leg))}
        >
          <IconUsersPlus className={classes.icon} />
        </Tool>
      )}
      {phoned && (
        <Tool label={t`Go on at the desk phone`} disabled={!answered} onClick={() => attempt(live.toDesk(leg))}>
          <IconDeviceLandlinePhone className={classes.icon} />
        </Tool>
      )}
      <Tool label={t`Park`} disabled={!answered} onClick={() => attempt(live.park(leg))}>
        <IconParking className={classes.icon} />
      </Tool>
      <Drop label={t`Transfer`} icon={<IconArrowForwardUp className={classes.icon} />} disabled={!answered}>
        {(close) => (
          <TransferForm
            others={others}
            onJoin={(other) => {
              attempt(live.joinCalls(leg, other));
              close();
            }}
            onMerge={(other) => {
              attempt(live.merge(leg, other));
              close();
            }}
            onTransfer={(to) => {
              attempt(live.transfer(leg, to));
              close();
            }}
          />
        )}
      </Drop>
    </Group>
  );
}

type ToolProps = { label: string; on?: boolean; disabled?: boolean; onClick: () => void; children: ReactNode };

function Tool({ label, on, disabled, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        variant={on ? "light" : "default"}
        color={on ? "red" : "gray"}
        aria-label={label}
        aria-pressed={on ?? false}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Drop({
  label,
  icon,
  disabled,
  children,
}: {
  label: string;
  icon: ReactNode;
  disabled?: boolean;
  children: (close: () => void) => ReactNode;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="top" trapFocus returnFocus opened={opened} onChange={setOpened} withRoles>
      <Popover.Target>
        <Tooltip label={label} disabled={opened}>
          <ActionIcon
            size="lg"
            variant="default"
            aria-label={label}
            disabled={disabled}
            onClick={() => setOpened(!opened)}
          >
            {icon}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>{children(() => setOpened(false))}</Popover.Dropdown>
    </Popover>
  );
}
