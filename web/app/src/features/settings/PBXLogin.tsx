import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Modal, Stack, Text, TextInput } from "@mantine/core";
import type { components } from "~/api/schema";
import { CopyText } from "~/parts/deeds";
import { PasswordInput } from "~/parts/Password";
import { Door } from "./Door";

type Input = components["schemas"]["TrunkInput"];

/** What a PBX that registers here has to be told. */
export type Login = { username: string; password?: string };

const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** A password that nobody has to remember, of letters that can't be taken for others. */
export function madeUp(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (b) => letters[b % letters.length]).join("");
}

type FieldsProps = { values: Input; set: (change: Input) => void; kept: boolean };

/** The log-in of a PBX that registers here; kept: it has a password already. */
export function LoginFields({ values, set, kept }: FieldsProps) {
  const { t } = useLingui();
  return (
    <>
      <TextInput
        label={t`User that the PBX registers as`}
        required
        autoComplete="off"
        value={values.in_username ?? ""}
        onChange={(e) => set({ in_username: e.currentTarget.value })}
      />
      <PasswordInput
        label={t`Password for it`}
        description={kept ? t`Empty: it stays` : t`You see it once more after saving`}
        required={!kept}
        autoComplete="new-password"
        value={values.in_password ?? ""}
        onChange={(e) => set({ in_password: e.currentTarget.value || undefined })}
      />
    </>
  );
}

/** Our address, the user and, once, the password, to be entered in the PBX. */
export function LoginDialog({ login, onClose }: { login: Login | undefined; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened={login !== undefined}
      onClose={onClose}
      title={<Trans>Enter this in the PBX</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {login && (
        <Stack gap="sm">
          <Door />
          <Text c="dimmed">
            <Trans>User</Trans>
          </Text>
          <CopyText>{login.username}</CopyText>
          {login.password ? (
            <>
              <Text c="dimmed">
                <Trans>Password</Trans>
              </Text>
              <CopyText>{login.password}</CopyText>
              <Alert color="orange">
                <Trans>The password is shown only now. If it gets lost, edit the line and set another.</Trans>
              </Alert>
            </>
          ) : (
            <Alert color="orange">
              <Trans>The password is not shown again. If it got lost, edit the line and set another.</Trans>
            </Alert>
          )}
        </Stack>
      )}
    </Modal>
  );
}
