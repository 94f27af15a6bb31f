import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { api, ok } from "~/api";
import { useSave } from "~/features/settings/parts";
import { FormDialog } from "~/parts/FormDialog";
import { PasswordInput } from "~/parts/Password";
import { type Elsewhere, elsewhereKey } from "./queries";

/** Asks for the password that a provider takes now. */
export function Renew({ of: a, onClose }: { of: Elsewhere; onClose: () => void }) {
  const { t } = useLingui();
  const [password, setPassword] = useState("");
  const save = useSave(
    () => ok(api.PATCH("/api/v1/mail/elsewhere/{id}", { params: { path: { id: a.id } }, body: { password } })),
    [elsewhereKey],
    onClose,
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={a.address}
      onSave={() => save.mutate()}
      saving={save}
      save={<Trans>Connect</Trans>}
    >
      <PasswordInput
        label={t`Password of the mailbox`}
        autoComplete="off"
        required
        data-autofocus
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
      />
    </FormDialog>
  );
}
