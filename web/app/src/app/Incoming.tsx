import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Kbd, Text } from "@mantine/core";
import { IconPhone, IconPhoneOff, IconVideo } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import type { CardView } from "~/api";
import { useUserName } from "~/api/queries";
import { phone } from "~/i18n/format";
import type { CallView } from "~/live/protocol";
import { type Invite, legOf, type MyCall, ringing } from "~/live/state";
import { Face } from "~/parts/people";
import { State } from "~/parts/State";
import { Verified } from "~/parts/Verified";
import { useOther, useTarget } from "./callers";
import { toTheDoor } from "./door";
import classes from "./Incoming.module.css";
import { typing } from "./keys";
import { attempt, live, useLiveState } from "./live";
import { Timer } from "./Timer";
import { causes, subtitleOf, word } from "./words";

/** Who calls now, top right, above everything but never in the way of typing. */
export function Incoming() {
  const { t } = useLingui();
  const state = useLiveState();
  const calls = ringing(state);
  const knocking = (state.stage && state.rooms[state.stage.room]?.knocking) ?? [];
  if (!calls.length && !state.invites.length && !knocking.length) return null;
  return (
    <aside className={classes.corner} aria-label={t`Incoming`} aria-live="assertive">
      {calls.map((call) => (
        <IncomingCall key={call.leg} call={call} />
      ))}
      {state.invites.map((invite) => (
        <IncomingInvite key={invite.room} invite={invite} />
      ))}
      {knocking.map((user) => (
        <Knocking key={user} user={user} />
      ))}
    </aside>
  );
}

function IncomingCall({ call }: { call: MyCall }) {
  const { leg, view } = call;
  const { name: known, number, card, event } = useOther(call);
  const name = phone(view.callback?.name || known) || number; // a lead that nobody named yet is called by his number
  return (
    <Panel
      testId="incoming-call"
      name={name || <Trans>Number withheld</Trans>}
      onAnswer={() => live.answer(leg)}
      onDecline={() => live.decline(leg)}
      answerIcon={<IconPhone className={classes.icon} />}
    >
      {number && name !== number && <Text className={classes.number}>{number}</Text>}
      <Text c="dimmed" truncate>
        {card ? <About card={card} /> : <Known count={event?.cards.length} />}
      </Text>
      <Verified is={view.verified} />
      <SentBy call={call} />
      {view.callback && <CallsBack of={view.callback} />}
      <Text c="dimmed" size="xs">
        {view.callback ? (
          <Trans>Answer, and we call</Trans>
        ) : view.line ? (
          <Trans>Called {phone(view.line)}</Trans>
        ) : (
          <Trans>Internal call</Trans>
        )}{" "}
        · <Timer since={view.started} />
      </Text>
    </Panel>
  );
}

/** Which colleague sent the caller here, or that he comes back from one. */
function SentBy({ call: { leg, view } }: { call: MyCall }) {
  const sender = useUserName(legOf(view, leg)?.by);
  const { transfer } = view;
  const to = useTarget(transfer);
  if (sender)
    return (
      <Text fw={500} truncate>
        <Trans>Sent by {sender}</Trans>
      </Text>
    );
  if (transfer?.state !== "back") return null;
  return (
    <Text fw={500}>
      <Trans>
        Comes back from {to}: {word(causes, transfer.cause ?? "")}
      </Trans>
    </Text>
  );
}

/** That the client asked to be called back, where, how long ago, and that he otherwise is not to be called. */
function CallsBack({ of: { queue, since, unwanted } }: { of: NonNullable<CallView["callback"]> }) {
  return (
    <>
      <Text fw={500} truncate>
        <Trans>
          Callback from the queue {queue} · waits <Timer since={since} />
        </Trans>
      </Text>
      {unwanted && (
        <State is="wait">
          <Trans>Asked not to be called, but asked for this call</Trans>
        </State>
      )}
    </>
  );
}

/** What is to know of the client: of a colleague's, whose he is. */
function About({ card }: { card: CardView }) {
  const responsible = useUserName(card.responsible);
  const subtitle = subtitleOf(card);
  if (subtitle || card.readable || !responsible) return subtitle;
  return <Trans>Client of {responsible}</Trans>;
}

/** How many clients may be meant. */
function Known({ count }: { count: number | undefined }) {
  if (count === undefined) return null;
  if (count === 0) return <Trans>Not known yet</Trans>;
  if (count === 1) return <Trans>Maybe: number not certain</Trans>;
  return (
    <Plural
      value={count}
      one="# client has this number"
      few="# clients have this number"
      other="# clients have this number"
    />
  );
}

function IncomingInvite({ invite }: { invite: Invite }) {
  const navigate = useNavigate();
  const from = useUserName(invite.from);
  const join = () => toTheDoor(invite, navigate);
  return (
    <Panel
      testId="incoming-meeting"
      name={from}
      onAnswer={join}
      onDecline={() => live.declineInvite(invite)}
      answerIcon={<IconVideo className={classes.icon} />}
    >
      <Text c="dimmed" truncate>
        <Trans>asks you into {invite.title}</Trans>
      </Text>
    </Panel>
  );
}

/** A colleague who asks to be let into the meeting that we are in. */
function Knocking({ user }: { user: string }) {
  const name = useUserName(user);
  return (
    <div className={classes.panel} data-testid="knocking">
      <Group gap="md" wrap="nowrap" align="center">
        <Face name={name || "?"} />
        <div className={classes.who}>
          <Text fw={600} truncate>
            {name}
          </Text>
          <Text c="dimmed">
            <Trans>asks to be let into the meeting</Trans>
          </Text>
        </div>
      </Group>
      <Group gap="sm" grow mt="md">
        <Button color="green" onClick={() => attempt(live.meeting.admit(user, true))}>
          <Trans>Let in</Trans>
        </Button>
        <Button variant="default" onClick={() => attempt(live.meeting.admit(user, false))}>
          <Trans>Turn away</Trans>
        </Button>
      </Group>
    </div>
  );
}

type PanelProps = {
  testId: string;
  name: ReactNode;
  answerIcon: ReactNode;
  onAnswer: () => Promise<unknown>;
  onDecline: () => Promise<unknown>;
  children: ReactNode;
};

function Panel({ testId, name, answerIcon, onAnswer, onDecline, children }: PanelProps) {
  const answer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!typing(document.activeElement)) answer.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={classes.panel} data-testid={testId}>
      <Group gap="md" wrap="nowrap" align="flex-start">
        <Face name={typeof name === "string" ? name : "?"} size="lg" />
        <div className={classes.who}>
          <Text fw={600} size="lg" truncate>
            {name}
          </Text>
          {children}
        </div>
      </Group>
      <Group gap="sm" grow mt="md">
        <Button
          ref={answer}
          color="green"
          size="sm"
          px="sm"
          leftSection={answerIcon}
          onClick={() => attempt(onAnswer())}
          rightSection={<Kbd size="xs">Alt A</Kbd>}
        >
          <Trans>Answer</Trans>
        </Button>
        <Button
          variant="default"
          size="sm"
          px="sm"
          leftSection={<IconPhoneOff className={classes.icon} />}
          onClick={() => attempt(onDecline())}
          rightSection={<Kbd size="xs">Alt D</Kbd>}
        >
          <Trans>Decline</Trans>
        </Button>
      </Group>
    </div>
  );
}
