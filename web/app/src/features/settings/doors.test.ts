import { expect, it } from "vitest";
import { sipDoors, sockets } from "./doors";
import { troubleOf } from "./trouble";

it("tells where phones register", () => {
  const listeners = [
    { name: "http", address: "0.0.0.0:8080" },
    { name: "sip_udp", address: "0.0.0.0:5060" },
    { name: "sip_tcp", address: "[::]:5060" },
    { name: "sip_tls", address: "192.0.2.7:5061" },
    { name: "sip_wss", address: "[::]:5443" },
  ];
  expect(sipDoors(listeners, "pbx.acme.example")).toEqual([
    { transport: "UDP", host: "pbx.acme.example", port: "5060" },
    { transport: "TCP", host: "pbx.acme.example", port: "5060" },
    { transport: "TLS", host: "192.0.2.7", port: "5061" },
    { transport: "WSS", host: "pbx.acme.example", port: "5443" },
  ]);
  expect(sockets(sipDoors(listeners, "pbx.acme.example"))).toEqual(["wss://pbx.acme.example:5443"]);
  expect(sipDoors(null, "x")).toEqual([]);
});

it.each([
  ["waiting for the PBX to register", "waiting"],
  ["REGISTER: 403 Forbidden", "password"],
  ["401 Unauthorized", "password"],
  ["404 Not Found", "user"],
  ["lookup carrier.example: no such host", "name"],
  ["the name carrier.example is not known: check the host", "name"],
  ["no answer within 4s", "silent"],
  ["dial tcp 192.0.2.1:5060: connect: connection refused", "closed"],
  [
    "the certificate of x is signed by nobody that is trusted here: put its authority into sip.authorities",
    "certificate",
  ],
  ["503 Service Unavailable", "busy"],
  ["something else", "other"],
])("%s is told as %s", (problem, want) => expect(troubleOf(problem)).toBe(want));
