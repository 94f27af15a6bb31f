package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"frontdesk/store/storetest"
)

// watches starts a desk phone of a user that shows what a colleague does, by his extension.
func (c *company) watches(login, extension string) *peer {
	c.t.Helper()
	var made struct{ ID, Username, Password string }
	if code := c.api("POST", "/devices", map[string]any{"user": c.user(login), "label": "Desk of " + login},
		&made); code != 201 {
		c.t.Fatalf("a device: %d", code)
	}
	dir := c.t.TempDir()
	toneWAV(c.t, dir, "tone.wav")
	write(c.t,
		fmt.Sprintf("<sip:%s@%s;transport=udp>;auth_user=%[1]s;auth_pass=%s;answermode=manual;"+
			"audio_codecs=PCMA/8000/1;regint=120\n",
			made.Username, c.SIPUDP, made.Password), dir, "accounts")
	write(c.t, fmt.Sprintf("\"Colleague\" <sip:%s@%s>;presence=p2p\n", extension, c.SIPUDP), dir, "contacts")
	write(c.t, strings.NewReplacer("@PORT@", fmt.Sprint(storetest.FreePort(c.t, "127.0.0.1")), "@DIR@",
		dir).Replace(baresipConfig)+"module_app contact.so\nmodule_app presence.so\n", dir, "config")
	for {
		p := startPeer(c.t, exec.Command(tool(c.t, "baresip", "baresip-core"), "-f", dir))
		for range watchedTries {
			if p.lists("Online")() {
				return p
			}
		}
		p.say("/quit") // it asked before it was registered, and asks no more
	}
}

// watchedTries are made before a phone is started again.
const watchedTries = 20

// lists tells what the phone shows of the colleague now.
func (p *peer) lists(status string) func() bool {
	return func() bool {
		before := len(p.out.String())
		p.say("/contacts")
		for range 20 {
			if text := p.out.String()[before:]; strings.Contains(text, "Colleague") {
				return strings.Contains(text, status)
			}
			time.Sleep(20 * time.Millisecond) // until it has answered
		}
		return false
	}
}

// A desk phone that subscribed at node a shows that a colleague talks whose phone and call are at b; and when b is
// killed
// it shows at once that he talks no more, and so when his next call comes to a.
func TestLampsOverNodes(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	maria := b.phone("maria", takesCalls)
	lamp := a.watches("andrei", "101")
	startPeer(t, program(t.Context(), "ring", "--to", b.Numbers[0], "--from", "+40721550001", "--server", b.SIPUDP,
		"--duration", "120s"))
	await(t, "the call", maria.printed("Call established"))
	await(t, "the lamp of a call on the other node", lamp.lists("Busy"))
	b.kill()
	await(t, "the lamp after the node was killed", func() bool { return !lamp.lists("Busy")() && lamp.lists("line")() })
}
