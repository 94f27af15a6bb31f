import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { grade, type Quality } from "~/media/quality";
import { type Meaning, State } from "~/parts/State";
import { networkWords, word } from "./words";

const meanings: Record<ReturnType<typeof grade>, Meaning> = { good: "live", fair: "wait", poor: "bad" };

/** A weak network, in the bar; nothing while it is good or not known. */
export function WeakNetwork({ of: quality }: { of: Quality | undefined }) {
  if (!quality || grade(quality) === "good") return null;
  return <Network of={quality} />;
}

function Network({ of: quality }: { of: Quality }) {
  const is = grade(quality);
  return <State is={meanings[is]}>{word(networkWords, is)}</State>;
}

/** How the network does in a call, with its figures. */
export function NetworkFigures({ of: quality }: { of: Quality | undefined }) {
  const { i18n } = useLingui();
  if (!quality) return null;
  const lost = i18n.number(quality.loss, { style: "percent", maximumFractionDigits: 1 });
  const delay = Math.round(quality.roundTrip);
  const jitter = Math.round(quality.jitter);
  return (
    <div data-testid="network">
      <Network of={quality} />
      <Text size="xs" c="dimmed">
        <Trans>
          Lost: {lost} · there and back: {delay} ms · unevenness: {jitter} ms
        </Trans>
      </Text>
    </div>
  );
}
