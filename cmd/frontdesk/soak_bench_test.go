package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/store/storetest"
)

const (
	soakRate  = 5                // calls a second
	soakTalk  = 20 * time.Second // each, so that a hundred run
	soakRooms = 4
	soakStay  = 10 * time.Second // then somebody of each meeting leaves, and comes in again
)

// BenchmarkSoak has the program work for as long as FRONTDESK_SOAK says: calls of a carrier to desk phones, with the
// caller's sound, a hundred at a time and five new ones a second, and four meetings of browsers that come and go.
// What it takes of the machine must be at the end what it was before. The picture of it goes to
// FRONTDESK_SOAK_PICTURE.
func BenchmarkSoak(b *testing.B) {
	length, err := time.ParseDuration(os.Getenv("FRONTDESK_SOAK"))
	if err != nil {
		b.Skip("only where FRONTDESK_SOAK says how long: make soak")
	}
	c := startCluster(b, "a")
	o := newOffice(b, c.nodes["a"], 2, 2*soakRate*int(soakTalk.Seconds()))
	guests := invite(b, o.c)
	w := &watched{b: b, c: o.c, began: time.Now()}
	settled := w.settle(nil)
	calls := o.talk(int(length.Seconds()) * soakRate)
	for _, g := range guests {
		g.join()
	}
	for b.Loop() {
		soak(w, guests, length)
	}
	for _, g := range guests {
		g.leave()
	}
	<-calls
	done := o.answered()
	end := w.settle(&settled)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(done), "calls")
	b.ReportMetric(float64(soakRate*int(length.Seconds())-done), "failed")
	for i, m := range measures() {
		b.ReportMetric(settled.values[i], m.unit+"-before")
		b.ReportMetric(end.values[i], m.unit+"-after")
	}
	if path := os.Getenv("FRONTDESK_SOAK_PICTURE"); path != "" {
		write(b, w.picture(), path)
	}
}

// soak looks at the program every few seconds, while guests of meetings come and go.
func soak(w *watched, guests []*soakGuest, length time.Duration) {
	looks, churn := time.NewTicker(max(time.Second, length/400)), time.NewTicker(soakStay)
	defer looks.Stop()
	defer churn.Stop()
	over := time.After(length)
	for turn := 0; ; {
		select {
		case <-looks.C:
			w.look()
		case <-churn.C:
			for i := range soakRooms {
				g := guests[(i*len(guests)/soakRooms+turn%(len(guests)/soakRooms))%len(guests)]
				g.leave()
				g.join()
			}
			turn++
		case <-over:
			return
		}
	}
}

// talk has a carrier call people who answer, and returns at once.
func (o *office) talk(calls int) (over <-chan struct{}) {
	done := make(chan struct{})
	dir := o.b.TempDir()
	sound := write(o.b, strings.Repeat("\xd5", 8000), dir, "second.pcmu")
	scenario := strings.NewReplacer("[media_port]", "[rtpstream_audio_port]", "<pause/>", fmt.Sprintf(
		`<nop><action><exec rtp_stream="%s,-1,0"/></action></nop><pause milliseconds="%d"/>`, sound,
		soakTalk.Milliseconds())).Replace(read(o.b, o.caller))
	caller := write(o.b, scenario, dir, "talker.xml")
	cmd := exec.Command("sipp", "-sf", caller, "-inf", o.list, "-i", "127.0.0.1", "-m", strconv.Itoa(calls), "-l",
		"200", "-p", strconv.Itoa(storetest.FreePort(o.b, "127.0.0.1")), "-r", strconv.Itoa(soakRate), "-nostdin",
		o.c.SIPUDP)
	cmd.Stdout, cmd.Stderr = &o.out, &o.out
	if err := cmd.Start(); err != nil {
		o.b.Fatal(err)
	}
	o.b.Cleanup(func() { cmd.Process.Kill() })
	go func() { defer close(done); cmd.Wait() }()
	return done
}

// measure is one thing that the program takes.
type measure struct {
	name, unit string
	of         func(w *watched, metrics string) float64
	slack      float64 // how much more it may be at the end
}

func measures() []measure {
	return []measure{
		{"goroutines", "goroutines", func(_ *watched, metrics string) float64 {
			return metric(metrics, "go_goroutines")
		}, 30},
		{"descriptors", "descriptors", func(w *watched, _ string) float64 { all, _ := w.descriptors(); return all }, 10},
		{"sockets", "sockets", func(w *watched, _ string) float64 { _, sockets := w.descriptors(); return sockets }, 10},
		{"memory of Go in use, MB", "MB", func(_ *watched, metrics string) float64 {
			return (metric(metrics, "go_memstats_heap_inuse_bytes") +
				metric(metrics, "go_memstats_stack_inuse_bytes")) / 1e6
		}, 0},
		{"resident memory, MB", "resident-MB", func(_ *watched, metrics string) float64 {
			return metric(metrics, "process_resident_memory_bytes") / 1e6
		}, 0},
	}
}

func metric(metrics, name string) float64 {
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(metrics)
	if found == nil {
		return 0
	}
	v, _ := strconv.ParseFloat(found[1], 64)
	return v
}

// watched is the program as it is looked at from outside.
type watched struct {
	b     *testing.B
	c     *company
	began time.Time
	looks []look
}

type look struct {
	at     time.Duration
	values []float64
}

func (w *watched) descriptors() (all, sockets float64) {
	dir := fmt.Sprintf("/proc/%d/fd", w.c.cmd.Process.Pid)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if to, _ := os.Readlink(filepath.Join(dir, e.Name())); strings.HasPrefix(to, "socket:") {
			sockets++
		}
	}
	return float64(len(entries)), sockets
}

func (w *watched) look() (l look) {
	answer, err := http.Get("http://" + w.c.Admin + "/metrics")
	if err != nil {
		w.b.Fatal(err)
	}
	defer answer.Body.Close()
	metrics, _ := io.ReadAll(answer.Body)
	l.at = time.Since(w.began)
	for _, m := range measures() {
		l.values = append(l.values, m.of(w, string(metrics)))
	}
	w.looks = append(w.looks, l)
	return l
}

// settle waits until the program takes as much as before, and reports what it does not give back. Connections to the
// database that are not needed any more are kept for five minutes.
func (w *watched) settle(before *look) (l look) {
	end := time.Now().Add(6 * time.Minute)
	for tick := time.NewTicker(time.Second); ; <-tick.C {
		l = w.look()
		var more []string
		for i, m := range measures() {
			if before != nil && m.slack > 0 && l.values[i] > before.values[i]+m.slack {
				more = append(more, fmt.Sprintf("%.0f %s, %.0f before", l.values[i], m.name, before.values[i]))
			}
		}
		switch {
		case len(more) == 0:
			return l
		case time.Now().After(end):
			w.b.Errorf("still taken six minutes after: %v", more)
			return l
		}
	}
}
