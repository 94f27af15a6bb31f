import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, ok } from "~/api";
import { client } from "~/api/queries";
import { complain } from "~/app/notify";
import shared from "~/parts/parts.module.css";
import { When } from "~/parts/When";

const key = ["mail-undeliverable"];

/** Which of some addresses are known not to exist, in plain words, and the way to have one tried again. */
export default function Undeliverable({ among }: { among: string[] }) {
  const whole = [...new Set(among.filter((a) => /^[^\s@]+@[^\s@]+$/.test(a)))].slice(0, 100).sort();
  const { data } = useQuery({
    queryKey: [...key, whole],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/mail/undeliverable", { params: { query: { address: whole } } }))).items,
    enabled: whole.length > 0,
  });
  const release = useMutation({
    mutationFn: (address: string) => ok(api.DELETE("/api/v1/mail/dead/{address}", { params: { path: { address } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
    onError: complain,
  });
  if (!whole.length || !data) return null;
  return data.map((d) => (
    <Text key={d.address} c="red" size="xs" role="status">
      <Trans>
        Mail to {d.address} comes back: its server said <When at={d.at} /> that there is no such mailbox.
      </Trans>{" "}
      <button type="button" className={shared.link} onClick={() => release.mutate(d.address)}>
        <Trans>Try again</Trans>
      </button>
    </Text>
  ));
}
