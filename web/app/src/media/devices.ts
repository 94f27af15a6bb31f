/** Which microphone, camera and loudspeaker this browser uses, and how to open them. Remembered per browser. */

/** What is chosen: devices as browsers name their kinds, and the loudspeaker that rings. */
export type DeviceKind = "audioinput" | "audiooutput" | "videoinput" | "ringer";
export type Choice = Partial<Record<DeviceKind, string>>;

const key = "frontdesk.devices";
const rawKey = "frontdesk.rawAudio";

export function chosen(): Choice {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Choice;
  } catch {
    return {};
  }
}

export function choose(kind: DeviceKind, id: string): void {
  localStorage.setItem(key, JSON.stringify({ ...chosen(), [kind]: id }));
}

/** Devices as the browser names them; labels are empty until one has been opened. */
export async function list(): Promise<MediaDeviceInfo[]> {
  if (!navigator.mediaDevices) return [];
  return (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.deviceId !== "");
}

/** Constraints of the microphone. frontdesk.rawAudio turns the browser's sound processing off, which tests need: it alters tones. */
function audioConstraints(): MediaTrackConstraints {
  const processing = localStorage.getItem(rawKey) !== "1";
  return {
    ...just(chosen().audioinput),
    echoCancellation: processing,
    noiseSuppression: processing,
    autoGainControl: processing,
  };
}

/** Constraints of the camera: 640×360 at 20 frames a second carries a meeting of four on a laptop. */
function videoConstraints(): MediaTrackConstraints {
  return {
    ...just(chosen().videoinput),
    width: { ideal: 640 },
    height: { ideal: 360 },
    frameRate: { ideal: 20, max: 30 },
  };
}

/** That device and no other: where it is only wished for, Chromium takes the system's. */
function just(id: string | undefined): MediaTrackConstraints {
  return id ? { deviceId: { exact: id } } : {};
}

/** Why a device could not be opened, in words' keys. */
export type DeviceFault = "denied" | "missing" | "busy" | "insecure";

export class DeviceError extends Error {
  constructor(
    readonly fault: DeviceFault,
    readonly device: "microphone" | "camera",
  ) {
    super(`${device}: ${fault}`);
    this.name = "DeviceError";
  }
}

/** Opens the microphone. Rejects with DeviceError. */
export function microphone(): Promise<MediaStreamTrack> {
  return open("microphone", "audio", audioConstraints());
}

/** Opens the camera. Rejects with DeviceError. */
export function camera(): Promise<MediaStreamTrack> {
  return open("camera", "video", videoConstraints());
}

type Kind = "audio" | "video";

/** Opens the device that is wanted, another of its kind where that one is not there any more. */
async function open(
  device: DeviceError["device"],
  kind: Kind,
  { deviceId, ...wanted }: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new DeviceError("insecure", device);
  const get = async (constraints: MediaTrackConstraints) =>
    (await navigator.mediaDevices.getUserMedia({ [kind]: constraints })).getTracks()[0]!;
  try {
    return await get(deviceId ? { ...wanted, deviceId } : wanted).catch((err) => {
      if (deviceId && gone(err)) return get(wanted);
      throw err;
    });
  } catch (err) {
    throw new DeviceError(fault(err), device);
  }
}

function gone(err: unknown): boolean {
  return err instanceof Error && (err.name === "OverconstrainedError" || err.name === "NotFoundError");
}

function fault(err: unknown): DeviceFault {
  const name = err instanceof DOMException ? err.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "missing";
}
