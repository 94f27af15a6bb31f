import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Problem } from "~/api";
import { LiveError } from "~/live/protocol";
import { DeviceError } from "~/media/devices";
import { told } from "./problems";
import { causes, deviceFaults, refusals } from "./words";

/** Tells the person what went wrong, in words. */
export function complain(err: unknown): void {
  notifications.show({ ...closable(), color: "red", message: explain(err), autoClose: 7000, withBorder: true });
}

/** The button that closes a message, named in the person's language. */
const closable = () => ({ closeButtonProps: { "aria-label": i18n._(msg`Close`) } });

export function say(message: MessageDescriptor): void {
  notifications.show({ ...closable(), message: i18n._(message), autoClose: 4000, withBorder: true });
}

/** An error in the person's language, as far as we know it. */
export function explain(err: unknown): string {
  if (err instanceof DeviceError) return i18n._(deviceFaults[err.fault][err.device]);
  if (err instanceof LiveError) return refusal(err);
  if (err instanceof Problem) return told(err);
  if (err instanceof TypeError) return i18n._(msg`The server was not reached. Check the connection, then try again.`);
  return err instanceof Error ? err.message : String(err);
}

/** Why the server did not do it: "refused" carries the cause of call control behind a colon. */
function refusal({ code, message }: LiveError): string {
  const cause = message.replace(/^refused: /, "");
  const known = refusals[code] ?? (code === "refused" ? causes[cause] : undefined);
  return known ? i18n._(known) : message;
}

const micNote = "microphone";

/** Tells that the microphone went, and what is heard instead: for as long as nobody hears the person, unless another took its place. */
export function micTold(label: string | undefined): void {
  notifications.hide(micNote);
  const message =
    label === undefined
      ? i18n._(msg`Nobody hears you: your microphone is gone. Connect one and it is used at once.`)
      : i18n._(msg`Your microphone went away. In use now: ${label}`);
  const gone = label === undefined;
  notifications.show({
    ...closable(),
    id: micNote,
    message,
    withBorder: true,
    autoClose: gone ? false : 7000,
    ...(gone && { color: "red" }),
  });
}

/** Tells what was done and offers the way back for a few seconds. */
export function offer(done: MessageDescriptor, undo: () => void, ms?: number): void {
  propose(done, msg`Undo`, undo, ms);
}

/** Tells something and offers a deed for a few seconds. */
export function propose(what: MessageDescriptor, deed: MessageDescriptor, act: () => void, ms = 6000): void {
  const id = `propose-${Date.now()}`;
  const go = () => {
    notifications.hide(id);
    act();
  };
  const message = (
    <Group justify="space-between" wrap="nowrap">
      {i18n._(what)}
      <Button variant="light" flex="none" onClick={go}>
        {i18n._(deed)}
      </Button>
    </Group>
  );
  notifications.show({ ...closable(), id, message, autoClose: ms, withBorder: true });
}
