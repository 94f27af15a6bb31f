import { useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { FormDialog } from "~/parts/FormDialog";
import { useSave } from "./parts";

type Props = {
  /** What is changed, as it is at the server; without an id it is to be made. */
  of: { id: string; name: string };
  /** Title of the dialog that makes one. */
  add: ReactNode;
  name: string;
  placeholder?: string;
  onName: (name: string) => void;
  make: () => Promise<unknown>;
  change: (path: { id: string }) => Promise<unknown>;
  /** Whatever is read anew once it is saved. */
  keys: string[][];
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
};

/** The form of a thing that people give a name. */
export function NamedForm({ of, add, name, placeholder, onName, make, change, keys, onClose, children, wide }: Props) {
  const { t } = useLingui();
  const save = useSave(() => (of.id ? change({ id: of.id }) : make()), keys, onClose);
  return (
    <FormDialog
      wide={wide}
      opened
      onClose={onClose}
      title={of.id ? of.name : add}
      onSave={() => save.mutate()}
      saving={save}
    >
      <TextInput
        label={t({ message: "Name", context: "thing" })}
        placeholder={placeholder}
        required
        data-autofocus
        value={name}
        onChange={(e) => onName(e.currentTarget.value)}
      />
      {children}
    </FormDialog>
  );
}
