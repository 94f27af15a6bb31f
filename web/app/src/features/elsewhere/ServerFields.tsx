import { Trans, useLingui } from "@lingui/react/macro";
import { Select, TextInput } from "@mantine/core";
import type { Servers } from "./queries";

type Props = {
  found: boolean;
  servers: Servers;
  login: string;
  onServers: (s: Servers) => void;
  onLogin: (login: string) => void;
};

/** The servers of a mailbox; folded away where they are known. */
export function ServerFields({ found, servers, login, onServers, onLogin }: Props) {
  const { t } = useLingui();
  const set = (change: Partial<Servers>) => onServers({ ...servers, ...change });
  const modes = [
    { value: "tls", label: t`TLS from the first byte` },
    { value: "starttls", label: t`STARTTLS` },
    { value: "none", label: t`Not encrypted` },
  ];
  return (
    <details open={!found}>
      <summary>
        <Trans>Servers</Trans>
      </summary>
      <TextInput
        label={t`Log-in, where it is not the address`}
        value={login}
        onChange={(e) => onLogin(e.currentTarget.value)}
      />
      <TextInput
        label={t`Incoming mail (IMAP)`}
        placeholder="imap.example.com:993"
        required
        value={servers.imap}
        onChange={(e) => set({ imap: e.currentTarget.value })}
      />
      <Select
        label={t`Encryption of incoming mail`}
        allowDeselect={false}
        data={modes}
        value={servers.imap_tls}
        onChange={(v) => v && set({ imap_tls: v as Servers["imap_tls"] })}
      />
      <TextInput
        label={t`Outgoing mail (SMTP)`}
        placeholder="smtp.example.com:465"
        required
        value={servers.smtp}
        onChange={(e) => set({ smtp: e.currentTarget.value })}
      />
      <Select
        label={t`Encryption of outgoing mail`}
        allowDeselect={false}
        data={modes}
        value={servers.smtp_tls}
        onChange={(v) => v && set({ smtp_tls: v as Servers["smtp_tls"] })}
      />
    </details>
  );
}
