package record

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"time"

	"frontdesk/media"
)

// A recording is kept as G.711 in WAV, a channel for each side. Every browser plays that, and it costs nothing: most of
// it came so. FLAC, the only compression of sound that a kept library without C offers, takes 0.75 of it at best, for a
// quarter of what the call itself costs the processor.
const (
	formatALaw = 6
	formatULaw = 7
	headSize   = 58
)

// Made is what a file has.
type Made struct {
	Length time.Duration
	// Peaks are the loudest moments of the channels, each divided into as many parts: 0 to 255.
	Peaks [][]int
}

// PeaksOf a channel.
const PeaksOf = 300

// WAV writes the sound of so many channels as a file.
func (s *Sound) WAV(w io.WriteSeeker, channels int) (m Made, err error) {
	law, name := s.law()
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.Write(make([]byte, headSize)); err != nil {
		return m, err
	}
	samples, peaks := 0, newPeaks(channels, s.Rate()/10)
	err = s.Lay(channels, func(pcm [][]int16) error {
		peaks.add(pcm)
		samples += len(pcm[0])
		bytes := make([]byte, channels*len(pcm[0]))
		for c, channel := range pcm {
			for i, sample := range channel {
				bytes[i*channels+c] = law.Byte(sample)
			}
		}
		_, err := out.Write(bytes)
		return err
	})
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		_, err = w.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = w.Write(head(name, channels, s.Rate(), samples))
	}
	m.Length, m.Peaks = time.Duration(samples)*time.Second/time.Duration(s.Rate()), peaks.parts(PeaksOf)
	return m, err
}

// File is the sound of so many channels as a WAV file that nobody else sees, from its beginning; who asks closes it.
func (s *Sound) File(channels int) (file *os.File, m Made, err error) {
	if file, err = os.CreateTemp("", "frontdesk-*"); err != nil {
		return nil, m, err
	}
	if err = os.Remove(file.Name()); err == nil {
		m, err = s.WAV(file, channels)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
	}
	return file, m, err
}

// head of a WAV file of G.711, which has the chunk "fact" (Multimedia Data Standards Update 3.0, 1994).
func head(codec string, channels, rate, samples int) []byte {
	format, size := uint16(formatALaw), uint32(channels*samples)
	if codec == media.PCMU().Name {
		format = formatULaw
	}
	l := binary.LittleEndian
	h := append(make([]byte, 0, headSize), "RIFF"...)
	h = l.AppendUint32(h, headSize-8+size+size&1)
	h = append(h, "WAVEfmt "...)
	h = l.AppendUint32(h, 18)
	h = l.AppendUint16(h, format)
	h = l.AppendUint16(h, uint16(channels))
	h = l.AppendUint32(h, uint32(rate))
	h = l.AppendUint32(h, uint32(rate*channels))
	h = l.AppendUint16(h, uint16(channels))
	h = l.AppendUint16(h, 8)
	h = l.AppendUint16(h, 0)
	h = append(h, "fact"...)
	h = l.AppendUint32(h, 4)
	h = l.AppendUint32(h, uint32(samples))
	h = append(h, "data"...)
	return l.AppendUint32(h, size)
}

// peaks has the loudest sample of each step of a sound.
type peaks struct {
	step  int // samples
	steps [][]int16
	n     int // samples of the step that is under way
}

func newPeaks(channels, step int) *peaks { return &peaks{step: step, steps: make([][]int16, channels)} }

func (p *peaks) add(pcm [][]int16) {
	for i := range pcm[0] {
		for c := range p.steps {
			if p.n == 0 {
				p.steps[c] = append(p.steps[c], 0)
			}
			last := &p.steps[c][len(p.steps[c])-1]
			*last = max(*last, pcm[c][i], -max(pcm[c][i], -1<<15+1))
		}
		p.n = (p.n + 1) % p.step
	}
}

// parts are the peaks of n parts.
func (p *peaks) parts(n int) [][]int {
	parts := make([][]int, len(p.steps))
	for c, steps := range p.steps {
		parts[c] = make([]int, n)
		for i := range parts[c] {
			if first := i * len(steps) / n; first < len(steps) {
				parts[c][i] = int(slices.Max(steps[first:max(first+1, (i+1)*len(steps)/n)])) >> 7
			}
		}
	}
	return parts
}
