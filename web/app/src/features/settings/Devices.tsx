import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, ok } from "~/api";
import type { components } from "~/api/schema";
import { CopyText, DeleteButton } from "~/parts/deeds";
import { FormDialog } from "~/parts/FormDialog";
import { UserSelect, UserTag } from "~/parts/people";
import { State } from "~/parts/State";
import { Door } from "./Door";
import { Encrypted, type SRTP } from "./Encrypted";
import { PhoneSetup } from "./PhoneSetup";
import { Row, Rows, Section, useDo, useSave } from "./parts";

type Device = components["schemas"]["DeviceState"];
type NewDevice = components["schemas"]["NewDevice"];
type MWI = "subscribe" | "unsolicited";

const key = ["devices"];

/** Desk phones: their accounts, and whether they are registered. */
export function Devices() {
  const [edited, setEdited] = useState<Device | "new">();
  const [made, setMade] = useState<NewDevice>();
  const [setUp, setSetUp] = useState<Device>();
  const remove = useDo((id: string) => ok(api.DELETE("/api/v1/devices/{id}", { params: { path: { id } } })), [key]);
  const renew = useDo(
    (id: string) => ok(api.POST("/api/v1/devices/{id}/password", { params: { path: { id } } })),
    [key],
    setMade,
  );
  return (
    <Section
      title={<Trans>Desk phones</Trans>}
      about={<Trans>An account for a SIP phone. It rings together with its owner's browser.</Trans>}
      action={
        <Button onClick={() => setEdited("new")}>
          <Trans>Add a phone</Trans>
        </Button>
      }
    >
      <Rows<Device>
        queryKey={key}
        read={async () => (await ok(api.GET("/api/v1/devices"))).items}
        none={
          <Trans>
            No desk phone yet. Add one for a colleague: you are shown what to enter at the phone. A browser rings
            without.
          </Trans>
        }
        row={(d) => (
          <Row
            key={d.id}
            title={d.label || d.username}
            detail={
              <>
                {d.username} {d.bindings[0] && `· ${d.bindings[0].agent}`}
              </>
            }
          >
            <UserTag id={d.user} />
            {d.bindings.length ? (
              <State is="live">
                <Trans>Registered</Trans>
              </State>
            ) : (
              <State is="off">
                <Trans>Not registered</Trans>
              </State>
            )}
            <Button variant="default" onClick={() => setSetUp(d)}>
              <Trans>Set up</Trans>
            </Button>
            <Button variant="default" data-open onClick={() => setEdited(d)}>
              <Trans>Edit</Trans>
            </Button>
            <DeleteButton
              label={<Trans>New password</Trans>}
              sure={<Trans>End the old password</Trans>}
              onDelete={() => renew.mutate(d.id)}
            />
            <DeleteButton onDelete={() => remove.mutate(d.id)} />
          </Row>
        )}
      />
      {edited && <DeviceForm device={edited} onClose={() => setEdited(undefined)} onMade={setMade} />}
      {setUp && <PhoneSetup device={setUp} onClose={() => setSetUp(undefined)} />}
      <Password device={made} onClose={() => setMade(undefined)} />
    </Section>
  );
}

type FormProps = { device: Device | "new"; onClose: () => void; onMade: (d: NewDevice) => void };

/** A phone to be added, or its account to be changed. */
function DeviceForm({ device, onClose, onMade }: FormProps) {
  const { t } = useLingui();
  const old = device === "new" ? undefined : device;
  const [user, setUser] = useState("");
  const [label, setLabel] = useState(old?.label ?? "");
  const [srtp, setSRTP] = useState<SRTP>((old?.srtp as SRTP) ?? "offered");
  const [mwi, setMWI] = useState<MWI>((old?.mwi as MWI) ?? "subscribe");
  const add = useSave<NewDevice | undefined>(
    async () => {
      if (!old) return ok(api.POST("/api/v1/devices", { body: { user, label, srtp, mwi } }));
      await ok(api.PATCH("/api/v1/devices/{id}", { params: { path: { id: old.id } }, body: { label, srtp, mwi } }));
    },
    [key],
    (d) => {
      if (d) onMade(d);
      onClose();
    },
  );
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={old ? old.label || old.username : <Trans>Add a phone</Trans>}
      onSave={() => (user || old) && add.mutate()}
      saving={add}
    >
      {!old && <UserSelect label={t`Owner`} required data-autofocus value={user} onChange={(v) => setUser(v ?? "")} />}
      <TextInput
        label={t`What it is`}
        placeholder={t`Phone at the reception`}
        value={label}
        onChange={(e) => setLabel(e.currentTarget.value)}
      />
      <Encrypted value={srtp} onChange={setSRTP} />
      <Select
        label={t`Light for voice messages`}
        description={t`Most phones ask to be told of them`}
        allowDeselect={false}
        data={[
          { value: "subscribe", label: t`When the phone asks` },
          { value: "unsolicited", label: t`Always told, also unasked` },
        ]}
        value={mwi}
        onChange={(v) => setMWI(v as MWI)}
      />
    </FormDialog>
  );
}

/** The one time that the password is seen. */
function Password({ device, onClose }: { device: NewDevice | undefined; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal
      opened={device !== undefined}
      onClose={onClose}
      title={<Trans>Enter this in the phone</Trans>}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {device && (
        <Stack gap="sm">
          <Door browsers />
          <Text c="dimmed">
            <Trans>User</Trans>
          </Text>
          <CopyText>{device.username}</CopyText>
          <Text c="dimmed">
            <Trans>Password</Trans>
          </Text>
          <CopyText>{device.password}</CopyText>
          <Alert color="orange">
            <Trans>The password is shown only now. If it gets lost, give the phone a new one.</Trans>
          </Alert>
        </Stack>
      )}
    </Modal>
  );
}
