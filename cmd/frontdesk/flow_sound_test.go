package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
)

const (
	callersTone = 440 // hertz, that `frontdesk ring` says
	phonesTone  = 660 // that baresip says, see toneWAV
)

// bytes of what an operation answers; nil unless it is 200.
func (c *company) bytes(path string) []byte {
	c.t.Helper()
	req, err := http.NewRequest("GET", c.HTTP+"/api/v1"+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		return nil
	}
	return data
}

// tones tells which share of the middle of each channel of a WAV file of G.711 (A-law) at 8 kHz each tone is.
func tones(t testing.TB, file []byte, channels int, hertz float64) (shares []float64) {
	t.Helper()
	if len(file) < 58 {
		t.Fatalf("a sound of %d bytes", len(file))
	}
	for c := range channels {
		var pcm []int16
		for i := 58 + c; i < len(file); i += channels {
			one := []int16{0}
			media.ALaw().Decode(one, file[i:i+1])
			pcm = append(pcm, one[0])
		}
		shares = append(shares, toneShare(pcm[len(pcm)/3:len(pcm)*2/3], 8000, hertz))
	}
	return shares
}

func toneShare(pcm []int16, rate int, hertz float64) float64 {
	var re, im, all float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hertz * float64(i) / float64(rate))
		re, im, all = re+float64(s)*cos, im+float64(s)*sin, all+float64(s)*float64(s)
	}
	return 2 * (re*re + im*im) / (float64(len(pcm)) * max(all, 1))
}

// records has all calls recorded.
func (c *company) records() {
	c.t.Helper()
	type object map[string]any
	if code := c.api("PUT", "/telephony/recording", object{"days": 30, "rules": []object{{"record": "always"}}},
		nil); code != 200 {
		c.t.Fatalf("a policy: %d", code)
	}
}

// recording is the only one of the only call to a number, and its sound, once it is there.
func (c *company) recording(number string) (sound []byte) {
	c.t.Helper()
	await(c.t, "the recording of the call to "+number, func() bool {
		var calls items[struct{ ID string }]
		c.api("GET", "/calls?number="+number, nil, &calls)
		if len(calls.Items) != 1 {
			return false
		}
		var made items[struct{ ID string }]
		c.api("GET", "/recordings?calls="+calls.Items[0].ID, nil, &made)
		if len(made.Items) == 1 {
			sound = c.bytes("/recordings/" + made.Items[0].ID + "/sound")
		}
		return sound != nil
	})
	return sound
}

// A caller talks with a desk phone, another leaves a message, when the program is killed: what both have said so far,
// and what the phone has, is there once the program is up again.
func TestWhatWasSaidSurvivesAKill(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	type object map[string]any
	data := t.TempDir()
	c := startCompany(t, data)
	c.records()
	c.phone("maria", takesCalls)
	talks, leaves := c.Numbers[0], c.Numbers[1]
	var trunks items[struct{ ID string }]
	c.api("GET", "/trunks", nil, &trunks)
	var box struct{ ID string }
	c.api("POST", "/voicemail-boxes",
		object{"name": "Sales", "users": []string{c.user("maria")}, "language": "en"}, &box)
	for number, to := range map[string]object{talks: {"kind": "user", "user": c.user("maria")},
		leaves: {"kind": "voicemail", "voicemail": box.ID}} {
		if code := c.api("PUT", "/numbers/"+number, object{"trunk": trunks.Items[0].ID, "destination": to},
			nil); code != 200 {
			t.Fatalf("a number: %d", code)
		}
	}
	calling, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	for number, keys := range map[string]string{talks: "", leaves: "*"} {
		startPeer(t, program(calling, "ring", "--to", number, "--from", "+40744000111", "--server", c.SIPUDP, "--keys",
			keys, "--duration", "120s"))
	}
	await(t, "two seconds of both on disk", func() bool {
		tapes, _ := filepath.Glob(filepath.Join(data, "recordings", "*", "*.tape"))
		long := 0
		for _, tape := range tapes {
			if info, err := os.Stat(tape); err == nil && info.Size() > 40_000 {
				long++
			}
		}
		return long == 2
	})
	c.kill()
	hangUp()
	back := startCompany(t, data)
	sound := back.recording(talks)
	if ours, theirs := tones(t, sound, 2, phonesTone), tones(t, sound, 2, callersTone); ours[0] < 0.9 ||
		theirs[1] < 0.9 {
		t.Errorf("shares of the tones: the phone's %.2f, the caller's %.2f", ours, theirs)
	}
	message := back.voicemail(leaves)
	pcm, err := audio.Decode(message, time.Hour)
	if err != nil || len(pcm) < media.Rate || tones(t, message, 1, callersTone)[0] < 0.9 {
		t.Errorf("a message of %d samples, %v", len(pcm), err)
	}
}

// voicemail is the sound of what the only caller of a number left, for maria, once it is there.
func (c *company) voicemail(number string) (sound []byte) {
	c.t.Helper()
	maria := c.as("maria")
	await(c.t, "the message", func() bool {
		var calls items[struct{ ID string }]
		maria.api("GET", "/calls?mine=true&number="+number, nil, &calls)
		if len(calls.Items) == 1 {
			sound = maria.bytes(fmt.Sprintf("/calls/%s/voicemail", calls.Items[0].ID))
		}
		return sound != nil
	})
	return sound
}
