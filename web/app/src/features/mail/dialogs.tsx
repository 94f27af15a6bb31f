import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Select, Stack, TagsInput } from "@mantine/core";
import { useState } from "react";
import { useUsers } from "~/api/queries";
import { complain } from "~/app/notify";
import { useFolderName } from "./Folders";
import { snooze } from "./later";
import { MomentPicker } from "./MomentPicker";
import { act, type Conversation, type Folder, useLabels } from "./queries";
import { assign, useShared } from "./team";

type Props = { at: Conversation[]; folder: Folder | undefined; onClose: () => void };

/** Puts labels on conversations and takes them off. */
export function LabelDialog({ at, folder, onClose }: Props) {
  const { t } = useLingui();
  const known = useLabels(at[0]?.mailbox).data ?? [];
  const before = [...new Set(at.flatMap((c) => c.labels))];
  const [labels, setLabels] = useState(before);
  const save = () => {
    onClose();
    const add_labels = labels.filter((l) => !before.includes(l) || at.length > 1);
    const remove_labels = before.filter((l) => !labels.includes(l));
    act(at, { add_labels, remove_labels, from: folder?.id }).catch(complain);
  };
  return (
    <Ask title={t`Labels`} deed={<Trans>Save</Trans>} onSave={save} onClose={onClose}>
      <TagsInput
        data-autofocus
        label={t`Labels`}
        description={t`Enter adds one, Backspace takes the last one off. Mail programs see them as keywords.`}
        value={labels}
        onChange={setLabels}
        data={known}
        acceptValueOnBlur
        maxTags={20}
      />
    </Ask>
  );
}

/** Moves conversations of a mailbox to a folder. */
export function MoveDialog({ at, folder, folders, onClose }: Props & { folders: Folder[] }) {
  const { t } = useLingui();
  const name = useFolderName();
  const [to, setTo] = useState<string | null>(null);
  const save = () => {
    onClose();
    if (to) act(at, { folder: to, from: folder?.id }).catch(complain);
  };
  return (
    <Ask title={t`Move to a folder`} deed={<Trans>Move</Trans>} onSave={save} onClose={onClose}>
      <Select
        data-autofocus
        searchable
        label={t`Folder`}
        value={to}
        onChange={setTo}
        data={folders.filter((f) => f.id !== folder?.id).map((f) => ({ value: f.id, label: name(f) }))}
      />
    </Ask>
  );
}

/** Takes conversations out of the inbox until a time. */
export function SnoozeDialog({ at, onClose }: Props) {
  const { t } = useLingui();
  return (
    <Modal opened onClose={onClose} title={t`Put off until`} closeButtonProps={{ "aria-label": t`Close` }}>
      <MomentPicker
        onPick={(until) => {
          onClose();
          snooze(at, until).catch(complain);
        }}
      />
    </Modal>
  );
}

/** Gives conversations of a shared mailbox to a colleague. */
export function AssignDialog({ at, onClose }: Props) {
  const { t } = useLingui();
  const box = useShared(at[0]?.mailbox);
  const people = useUsers().filter((u) => box?.users.includes(u.id));
  const [to, setTo] = useState<string | null>(at[0]?.assignee || null);
  const save = () => {
    onClose();
    assign(at, to ?? "").catch(complain);
  };
  if (!box) return null;
  return (
    <Ask title={t`Give to a colleague`} deed={<Trans>Give</Trans>} onSave={save} onClose={onClose}>
      <Select
        data-autofocus
        searchable
        clearable
        label={t`Colleague`}
        placeholder={t`Nobody`}
        value={to}
        onChange={setTo}
        data={people.map((u) => ({ value: u.id, label: u.name }))}
      />
    </Ask>
  );
}

type AskProps = {
  title: string;
  deed: React.ReactNode;
  onSave: () => void;
  onClose: () => void;
  children: React.ReactNode;
};

function Ask({ title, deed, onSave, onClose, children }: AskProps) {
  const { t } = useLingui();
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          onSave();
        }}
      >
        <Stack gap="md">
          {children}
          <Group gap="sm">
            <Button type="submit">{deed}</Button>
            <Button variant="subtle" color="gray" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
