import { useLingui } from "@lingui/react/macro";
import { PasswordInput as Input, type PasswordInputProps } from "@mantine/core";

/** A password being typed; its button, which shows what is typed, is named in the person's language. */
export function PasswordInput(props: PasswordInputProps) {
  const { t } = useLingui();
  return <Input visibilityToggleButtonProps={{ "aria-label": t`Show or hide the password` }} {...props} />;
}
