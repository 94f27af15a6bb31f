package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxWAV is the longest sound ReadWAV takes: 10 minutes.
const MaxWAV = 10 * 60 * rate

// ReadWAV reads a RIFF/WAVE file of 16-bit PCM, 8 kHz, mono: what telephony plays without conversion.
// The error of another format says how to convert it.
func ReadWAV(r io.Reader) ([]int16, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, errors.New("not a WAV file (RIFF/WAVE)")
	}
	for known := false; ; {
		id, size, err := readChunk(r)
		if err != nil {
			return nil, err
		}
		switch {
		case id == "fmt ":
			known, err = true, readFormat(r, size)
		case id == "data" && known:
			return readSamples(r, size)
		default:
			_, err = io.CopyN(io.Discard, r, int64(size)+int64(size&1))
		}
		if err != nil {
			return nil, fmt.Errorf("WAV chunk %q: %w", id, err)
		}
	}
}

func readChunk(r io.Reader) (id string, size uint32, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", 0, fmt.Errorf("WAV file without sound: %w", err)
	}
	return string(head[:4]), binary.LittleEndian.Uint32(head[4:]), nil
}

func readFormat(r io.Reader, size uint32) error {
	if size < 16 || size > 128 {
		return fmt.Errorf("of %d bytes", size)
	}
	f := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, f); err != nil {
		return err
	}
	get := binary.LittleEndian.Uint16
	format, channels, bits, hertz := get(f), get(f[2:]), get(f[14:]), binary.LittleEndian.Uint32(f[4:])
	if format != 1 || channels != 1 || bits != 16 || hertz != rate {
		return fmt.Errorf("format %d, %d channels, %d bits, %d Hz; convert it to 16-bit PCM, 8000 Hz, mono: sox IN.wav -r 8000 -c 1 -b 16 -e signed OUT.wav",
			format, channels, bits, hertz)
	}
	return nil
}

// readSamples reads to the end of the chunk or file: tools that write to a pipe leave a wrong size.
func readSamples(r io.Reader, size uint32) ([]int16, error) {
	data, err := io.ReadAll(io.LimitReader(r, min(int64(size), 2*MaxWAV+2)))
	if err != nil {
		return nil, fmt.Errorf("WAV sound: %w", err)
	}
	if len(data) > 2*MaxWAV {
		return nil, fmt.Errorf("WAV sound is longer than %d s", MaxWAV/rate)
	}
	pcm := make([]int16, len(data)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	return pcm, nil
}
