package media

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// A prompt is heard once, from the first listener on, as it is; then it tells.
func TestPrompt(t *testing.T) {
	for _, codec := range []Codec{PCMA(), PCMU(), G722()} {
		synctest.Test(t, func(t *testing.T) {
			pcm := make([]int16, Rate+100)
			for i := range pcm {
				pcm[i] = int16(8000 * math.Sin(2*math.Pi*425*float64(i)/Rate))
			}
			over := make(chan struct{})
			p := NewPrompt("prompt", codec, pcm, func() { close(over) })
			time.Sleep(time.Second)
			r, begun := newRecorder(), time.Now()
			p.Track().Attach(r)
			<-over
			if lasted := time.Since(begun); lasted != 51*Frame || len(r.packets) != 51 {
				t.Errorf("%s: %d packets in %v", codec.Name, len(r.packets), lasted)
			}
			heard, d := make([]int16, 0, len(pcm)), NewDecoder(codec)
			var frame [frameSamples]int16
			for _, packet := range r.packets {
				heard = append(heard, frame[:d.Decode(frame[:], packet.Payload)]...)
			}
			if share := share(heard[Rate/10:Rate], 425); share < 0.9 {
				t.Errorf("%s: %.2f of it is the tone", codec.Name, share)
			}
			p.Close()
		})
	}
}

// Who ends a prompt hears nothing more of it.
func TestPromptInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPrompt("prompt", PCMA(), make([]int16, Rate), func() { t.Error("told") })
		r := newRecorder()
		p.Track().Attach(r)
		time.Sleep(Rate / 4 * time.Second / Rate)
		p.Close()
		p.Close()
		n := len(r.packets)
		time.Sleep(time.Second)
		if n < 10 || len(r.packets) != n {
			t.Errorf("%d, then %d packets", n, len(r.packets))
		}
		never := NewPrompt("prompt", PCMA(), make([]int16, Rate), func() { t.Error("told") })
		never.Close()
		never.Track().Attach(r)
		synctest.Wait()
		if len(r.packets) != n {
			t.Error("closed, and heard")
		}
	})
}
