package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// check names each key that would fail, and changes nothing.
func TestCheck(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := filepath.Join(t.TempDir(), "new", "data")
	bad := placed(t, data, fmt.Sprintf(`http: {listen: %q}
sip: {udp: "192.0.2.1:5060", rtp_ports: 20000-20099}
tls: {cert: /nowhere/cert.pem, key: /nowhere/key.pem}
bus: nats://127.0.0.1:1
blobs: "s3://k:s@127.0.0.1:1/mails?tls=off"
database: postgres://joe:hunter2@127.0.0.1:1/none
mail: {smtp: "127.0.0.1:0", hostname: mail.invalid, deliver: smarthost, smarthost: "127.0.0.1:1"}`, taken.Addr()))
	code, out := do(t, "check", "--config", bad)
	if code != 1 || strings.Contains(out, "hunter2") {
		t.Errorf("%d\n%s", code, out)
	}
	for _, want := range []string{
		"FAIL  http.listen", "another program has it", "FAIL  sip.udp", "no such address", "FAIL  tls", "FAIL  bus",
		"FAIL  blobs", "FAIL  database", "note  mail.hostname", "note  mail.smarthost", "enough for 25 calls",
		"ok    mail.smtp", "6 would fail",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told:\n%s", want, out)
		}
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data folder was made")
	}

	good := placed(t, t.TempDir(), `http: {listen: "127.0.0.1:0"}`)
	code, out = do(t, "check", "--config", good)
	if code != 0 || !strings.Contains(out, "The server would start.") ||
		!strings.Contains(out, "new: the first start") {
		t.Errorf("%d\n%s", code, out)
	}
}
