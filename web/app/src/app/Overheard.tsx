import { useLingui } from "@lingui/react/macro";
import { useUsers } from "~/api/queries";
import { phone } from "~/i18n/format";
import type { CallView } from "~/live/protocol";
import { State } from "~/parts/State";

/** Who listens in on a call of ours, as far as the company has it shown. */
export function Overheard({ of }: { of: CallView }) {
  const { t } = useLingui();
  const users = useUsers();
  return of.supervisors?.map(({ user, how }) => {
    const name = users.find((u) => u.id === user)?.name ?? "—";
    return (
      <State key={user} is={how === "listen" ? "wait" : "live"}>
        {how === "listen"
          ? t`${name} listens`
          : how === "whisper"
            ? t`${name} whispers to you`
            : t`${name} is in the call`}
      </State>
    );
  });
}

/** Who talks in a call: our people, then the other side. */
export function useTalkers(view: CallView): string {
  const users = useUsers();
  const { t } = useLingui();
  const active = view.legs.filter((l) => l.state === "active");
  const ours = active.filter((l) => l.user).map((l) => users.find((u) => u.id === l.user)?.name ?? "—");
  const theirs = active
    .filter((l) => !l.user)
    .map((l) => (view.direction === "in" && view.from_name) || l.name || phone(l.number) || t`Unknown`);
  return [...ours, ...theirs].join(" – ");
}
