import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { api, ok, type Ref } from "~/api";
import { useUsers } from "~/api/queries";
import { cards } from "~/app/card";
import shared from "~/parts/parts.module.css";

type Props = {
  kind: "phone" | "email";
  text: string;
  of?: Ref;
  onTake?: (contact: Named) => void;
  onSame?: (id: string) => void;
};

export type Named = { id: string; name: string };

/** Who has the number or address already that is being typed; of: the record it is typed into. A contact can be taken instead of a new one. */
export function KnownAs({ kind, text, of: into, onTake, onSame }: Props) {
  const [asked] = useDebouncedValue(text.trim(), 250);
  const users = useUsers();
  const { data } = useQuery({
    queryKey: ["known", kind, asked, into?.id],
    queryFn: () =>
      ok(
        api.GET("/api/v1/known", {
          params: { query: { kind, text: asked, record: into?.kind as "contact" | undefined, id: into?.id } },
        }),
      ),
    enabled: asked.length >= 5,
  });
  if (!data || asked !== text.trim()) return null;
  const owners = data.others.map((id) => users.find((u) => u.id === id)?.name).filter(Boolean);
  return (
    <div aria-live="polite">
      {data.records.map((r) => (
        <Text key={r.id} size="xs">
          <Trans>Known already:</Trans>{" "}
          <button type="button" className={shared.link} onClick={() => cards.show({ kind: r.kind, id: r.id } as Ref)}>
            {r.name}
          </button>
          {onSame && into?.kind === r.kind && (
            <>
              {" · "}
              <button
                type="button"
                className={shared.link}
                onMouseDown={(e) => e.preventDefault()} // else the field is left, and takes this away before it is pressed
                onClick={() => onSame(r.id)}
              >
                <Trans>The same: merge…</Trans>
              </button>
            </>
          )}
          {onTake && r.kind === "contact" && (
            <>
              {" · "}
              <button type="button" className={shared.link} onClick={() => onTake({ id: r.id, name: r.name })}>
                <Trans>Use this contact</Trans>
              </button>
            </>
          )}
        </Text>
      ))}
      {owners.length > 0 && (
        <Text size="xs" c="var(--fd-wait)">
          <Trans>
            Belongs to a client of {owners.join(", ")}: ask for it. Calls and mail go on to that client; that you
            entered it is written down.
          </Trans>
        </Text>
      )}
      {data.others.length > owners.length && (
        <Text size="xs" c="var(--fd-wait)">
          <Trans>Belongs to a client of the company whom nobody looks after yet.</Trans>
        </Text>
      )}
    </div>
  );
}
