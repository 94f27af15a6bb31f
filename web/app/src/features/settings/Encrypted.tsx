import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";

export type SRTP = "off" | "offered" | "required";

/** Whether the sound of a line or phone is encrypted. */
export function Encrypted({ value, onChange }: { value: SRTP | undefined; onChange: (v: SRTP) => void }) {
  const { t } = useLingui();
  return (
    <Select
      label={t`Encrypted sound (SRTP)`}
      description={t`Its keys are safe only where the transport is TLS`}
      allowDeselect={false}
      data={[
        { value: "offered", label: t`Where the other side can` },
        { value: "required", label: t`Always, or no call` },
        { value: "off", label: t`Never` },
      ]}
      value={value ?? "offered"}
      onChange={(v) => onChange(v as SRTP)}
    />
  );
}
