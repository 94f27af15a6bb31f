/** Which microphone, camera and loudspeaker this browser uses, and how to open them. Remembered per browser. */

export type DeviceKind = "audioinput" | "audiooutput" | "videoinput";
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
export function audioConstraints(): MediaTrackConstraints {
  const processing = localStorage.getItem(rawKey) !== "1";
  return {
    deviceId: chosen().audioinput,
    echoCancellation: processing,
    noiseSuppression: processing,
    autoGainControl: processing,
  };
}

/** Constraints of the camera: 640×360 at 20 frames a second carries a meeting of four on a laptop. */
export function videoConstraints(): MediaTrackConstraints {
  return {
    deviceId: chosen().videoinput,
    width: { ideal: 640 },
    height: { ideal: 360 },
    frameRate: { ideal: 20, max: 30 },
  };
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
  return open("microphone", { audio: audioConstraints() });
}

/** Opens the camera. Rejects with DeviceError. */
export function camera(): Promise<MediaStreamTrack> {
  return open("camera", { video: videoConstraints() });
}

async function open(device: "microphone" | "camera", constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new DeviceError("insecure", device);
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    return stream.getTracks()[0]!;
  } catch (err) {
    throw new DeviceError(fault(err), device);
  }
}

function fault(err: unknown): DeviceFault {
  const name = err instanceof DOMException ? err.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "missing";
}
