/**
 * Sizes in which the camera's picture is sent at once, the smallest first, so that each viewer gets the one that his line and screen can take.
 * Two: browsers make no third of 640×360.
 */
const sizes: RTCRtpEncodingParameters[] = [
  { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 150_000 },
  { rid: "h", maxBitrate: 1_000_000 },
];

/** Puts a line for the camera on a connection; its track may come later. */
export function videoLine(pc: RTCPeerConnection, track: MediaStreamTrack | undefined): void {
  preferVP8(pc.addTransceiver(track ?? "video", { direction: "sendonly", sendEncodings: sizes }));
}

/** VP8 first: the one video codec every browser must both send and receive (RFC 7742 §5). */
function preferVP8(t: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs;
  if (!codecs || !t.setCodecPreferences) return;
  const vp8 = (c: { mimeType: string }) => c.mimeType.toLowerCase() === "video/vp8";
  t.setCodecPreferences([...codecs.filter(vp8), ...codecs.filter((c) => !vp8(c))]);
}
