type Listener = { name: string; address: string };

export type SIPDoor = { transport: "UDP" | "TCP" | "TLS" | "WS" | "WSS"; host: string; port: string };

const transports: Record<string, SIPDoor["transport"]> = {
  sip_udp: "UDP",
  sip_tcp: "TCP",
  sip_tls: "TLS",
  sip_ws: "WS",
  sip_wss: "WSS",
};

/** Where phones register, by the server's listeners; one that listens everywhere is reached by the name of this page. */
export function sipDoors(listeners: readonly Listener[] | null, page: string): SIPDoor[] {
  return (listeners ?? []).flatMap(({ name, address }) => {
    const transport = transports[name];
    const at = address.lastIndexOf(":");
    if (!transport || at < 0) return [];
    const host = address.slice(0, at).replace(/^\[|\]$/g, "");
    const everywhere = ["", "0.0.0.0", "::"].includes(host);
    return [{ transport, host: everywhere ? page : host, port: address.slice(at + 1) }];
  });
}

/** The addresses for softphones that run in a browser (RFC 7118). */
export function sockets(doors: readonly SIPDoor[]): string[] {
  return doors
    .filter((d) => d.transport === "WS" || d.transport === "WSS")
    .map((d) => `${d.transport.toLowerCase()}://${d.host.includes(":") ? `[${d.host}]` : d.host}:${d.port}`);
}
