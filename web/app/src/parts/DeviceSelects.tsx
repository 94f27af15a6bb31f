import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { useEffect, useState } from "react";
import { choose, chosen, type DeviceKind, list } from "~/media/devices";

type Props = {
  kinds: readonly DeviceKind[];
  /** Whether a microphone may be used already: devices have names from then on. */
  ready: boolean;
  /** Something else was chosen; it is remembered already. */
  onChoose: (kind: DeviceKind) => void;
};

/** Chooses the devices of this browser, a list for each kind. */
export function DeviceSelects({ kinds, ready, onChoose }: Props) {
  const { t } = useLingui();
  const devices = useDevices(ready);
  const [now, setNow] = useState(chosen);
  const labels = { audioinput: t`Microphone`, videoinput: t`Camera`, audiooutput: t`Loudspeaker`, ringer: t`Rings at` };
  return kinds.map((kind) => {
    const data = devices
      .filter((d) => d.kind === (kind === "ringer" ? "audiooutput" : kind))
      .map((d, i) => ({ value: d.deviceId, label: d.label || `${labels[kind]} ${i + 1}` }));
    const known = data.some((d) => d.value === now[kind]);
    return (
      <Select
        key={kind}
        size="xs"
        label={labels[kind]}
        data={data}
        value={(known ? now[kind] : data[0]?.value) ?? null}
        readOnly={!data.length}
        comboboxProps={{ withinPortal: false }}
        onChange={(id) => {
          if (!id) return;
          choose(kind, id);
          setNow(chosen());
          onChoose(kind);
        }}
      />
    );
  });
}

/** Microphones, cameras and loudspeakers; they have names once one may be used. */
function useDevices(ready: boolean): MediaDeviceInfo[] {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: names appear once a device may be used
  useEffect(() => {
    const read = () => void list().then(setDevices);
    read();
    navigator.mediaDevices?.addEventListener("devicechange", read);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", read);
  }, [ready]);
  return devices;
}
