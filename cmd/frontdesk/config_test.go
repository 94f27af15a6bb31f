package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSampleConfigLoads(t *testing.T) {
	c, err := loadConfig("../../configs/frontdesk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if c.Database != "sqlite:///var/lib/frontdesk/frontdesk.db" || c.Mail.Hostname != "mail.example.com" {
		t.Errorf("got %+v", c)
	}
}

func TestConfigErrorsSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"sipp:\n  udp: 127.0.0.1:5060\n":                                    "sipp",
		"sip:\n  upd: 127.0.0.1:5060\n":                                     "upd",
		"sip:\n  udp: 5060\n":                                               "sip.udp: \"5060\" is not an address",
		"time_zone: Mars\n":                                                 "time_zone",
		"region: romania\n":                                                 "region",
		"sip: {rtp_ports: \"9\"}\n":                                         "sip.rtp_ports",
		"mail: {deliver: smarthost}\n":                                      "mail.smarthost",
		"mail: {deliver: pigeon}\n":                                         "mail.deliver",
		"tls: {cert: a.pem}\n":                                              "cert and key",
		"http: {listen: \"127.0.0.1:80\", tls: 7}\n":                        "cannot unmarshal",
		"tls: {acme: {directory: \"http://ca.test\"}}\n":                    "tls.acme.directory",
		"tls: {cert: a, key: b, acme: {directory: \"https://ca.test\"}}\n":  "not both",
		"tls: {acme: {directory: \"https://ca.test\", names: [\"*.x\"]}}\n": "tls.acme.names",
		"tls: {acme: {directory: \"https://ca.test\", key_id: x}}\n":        "tls.acme.key_secret",
		"tls: {acme: {directory: \"https://ca.test\", contact: \"a:b\"}}\n": "tls.acme.contact",
		"log: [\n":                     "sequence",
		"sip: {external_ip: here}":     "sip.external_ip",
		"sip: {proxies: [kamailio]}":   "sip.proxies",
		"sip: {cluster: here}":         "sip.cluster",
		"sip: {origins: [\"*\"]}":      "sip.origins",
		"calls: {meeting: 1}":          "calls: max is",
		"calls: {lookup: -1s}":         "calls.lookup",
		"blobs: s3://joe:hunter2@host": "blobs: one bucket",
	} {
		_, err := parseConfig([]byte(text))
		if err == nil {
			t.Errorf("%q was taken", text)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error does not mention %q: %v", text, want, err)
		}
	}
}

// The lines around a mistake are shown, but no secret in them.
func TestConfigErrorsShowNoSecret(t *testing.T) {
	for _, line := range []string{
		"blobs: s3://joe:hunter2@host/bucket", "database: postgres://joe:hunter2@host/x",
		"blobs: s3://joe:hunter2@ho st/b/c",
		"mail: {smarthost_password: hunter2}", "mail:\n  smarthost_password: \"hunter2\"",
		"webrtc:\n  turn:\n    secret: hunter2",
	} {
		_, err := parseConfig([]byte(line + "\nregion: [\nupd: 7\n"))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", line, err)
		}
		if _, err = parseConfig([]byte(line + "\nregion: nowhere\nupd: 7\n")); err == nil ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestEmptyConfigIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n"} {
		c, err := parseConfig([]byte(text))
		if err != nil || c.HTTP.Listen != "127.0.0.1:8080" {
			t.Errorf("%q: %+v, %v", text, c.HTTP, err)
		}
	}
}

func TestCallLimits(t *testing.T) {
	c, err := parseConfig([]byte("node: a\ncalls: {max: 7, longest: 90m, meeting: 40, lookup: 2s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.exchange(nil); got.MaxCalls != 7 || got.MaxCall != 90*time.Minute || got.MaxLegs != 40 ||
		got.MaxLookup != 2*time.Second || got.Node != "a" {
		t.Errorf("%+v", got)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("sip:\n  udp: 127.0.0.1:5060\n"))
	f.Fuzz(func(t *testing.T, text []byte) { parseConfig(text) })
}

// systemd waits for the drain, and does not start anew who was replaced.
func TestServiceUnitFitsTheProgram(t *testing.T) {
	unit := read(t, "../../configs/frontdesk.service")
	value := func(key string) (n int) {
		_, rest, _ := strings.Cut(unit, "\n"+key+"=")
		if _, err := fmt.Sscan(rest, &n); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		return n
	}
	c := defaults()
	if stop := time.Duration(value("TimeoutStopSec")) * time.Second; stop < c.Drain+c.DrainNotice+30*time.Second {
		t.Errorf("systemd kills after %v, a drain takes up to %v and %v, and the end some seconds", stop, c.DrainNotice,
			c.Drain)
	}
	if code := value("RestartPreventExitStatus"); code != replaced {
		t.Errorf("systemd leaves %d, the program ends with %d", code, replaced)
	}
}
