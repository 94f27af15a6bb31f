package audio

import (
	"encoding/binary"
	"errors"
	"math"

	"frontdesk/media"
)

// wav is a RIFF/WAVE file of PCM, or of G.711.
type wav struct {
	rate, channels, size int // size of a sample in bytes
	float                bool
	law                  *media.Law // of G.711
	data                 []byte
}

const (
	formatPCM        = 1
	formatFloat      = 3
	formatALaw       = 6
	formatULaw       = 7
	formatExtensible = 0xFFFE
)

func openWAV(file []byte) (*wav, error) {
	var w *wav
	for rest := file[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		size = min(size, len(body)) // tools that write to a pipe leave a wrong size
		switch {
		case id == "fmt ":
			var err error
			if w, err = readFormat(body[:size]); err != nil {
				return nil, err
			}
		case id == "data" && w != nil:
			w.data = body[:size-size%(w.size*w.channels)]
			return w, nil
		}
		rest = body[min(size+size&1, len(body)):]
	}
	return nil, errors.New("there is no sound in the WAV file")
}

func readFormat(f []byte) (*wav, error) {
	if len(f) < 16 {
		return nil, ErrFormat
	}
	get := binary.LittleEndian.Uint16
	format := get(f)
	if format == formatExtensible && len(f) >= 26 {
		format = get(f[24:])
	}
	w := &wav{rate: int(binary.LittleEndian.Uint32(f[4:])), channels: int(get(f[2:])), size: int(get(f[14:])) / 8,
		float: format == formatFloat}
	switch {
	case format == formatALaw && w.size == 1:
		w.law = new(media.ALaw())
	case format == formatULaw && w.size == 1:
		w.law = new(media.ULaw())
	}
	known := w.law != nil || format == formatPCM && w.size >= 1 && w.size <= 4 || w.float && w.size == 4
	if !known || w.channels < 1 || w.channels > 8 || w.rate < 4000 || w.rate > 192000 || w.rate%25 != 0 {
		return nil, errors.New("a WAV file of this kind can't be read here: save it as 16-bit PCM")
	}
	return w, nil
}

func (w *wav) hertz() int { return w.rate }

// block is how many samples are read at once.
const block = 1 << 14

func (w *wav) read() ([]float32, error) {
	frame := w.size * w.channels
	n := min(len(w.data)/frame, block)
	some := make([]float32, n)
	for i := range some {
		for c := range w.channels {
			some[i] += w.sample(w.data[i*frame+c*w.size:]) / float32(w.channels)
		}
	}
	w.data = w.data[n*frame:]
	return some, nil
}

func (w *wav) sample(b []byte) float32 {
	if w.float {
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
	if w.law != nil {
		one := []int16{0}
		w.law.Decode(one, b[:1])
		return float32(one[0]) / (1 << 15)
	}
	if w.size == 1 { // the only one without a sign
		return (float32(b[0]) - 128) / 128
	}
	var v int32
	for i := range w.size {
		v |= int32(b[i]) << (8 * (4 - w.size + i))
	}
	return float32(v) / (1 << 31)
}

// WAV is a file of 16-bit samples, mono.
func WAV(pcm []int16, hertz int) []byte {
	size := 2 * len(pcm)
	file := make([]byte, 0, 44+size)
	file = append(file, "RIFF"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(36+size))
	file = append(file, "WAVEfmt "...)
	file = binary.LittleEndian.AppendUint32(file, 16)
	for _, v := range []uint16{formatPCM, 1} {
		file = binary.LittleEndian.AppendUint16(file, v)
	}
	file = binary.LittleEndian.AppendUint32(file, uint32(hertz))
	file = binary.LittleEndian.AppendUint32(file, uint32(2*hertz))
	for _, v := range []uint16{2, 16} {
		file = binary.LittleEndian.AppendUint16(file, v)
	}
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(size))
	for _, s := range pcm {
		file = binary.LittleEndian.AppendUint16(file, uint16(s))
	}
	return file
}
