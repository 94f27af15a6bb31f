package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxWAV is the longest sound ReadWAV takes: 10 minutes.
const MaxWAV = 10 * 60 * Rate

// ReadWAV reads a RIFF/WAVE file of 16-bit PCM, mono, at 8 or 16 kHz, and gives it at Rate.
// The error of another format says how to convert it.
func ReadWAV(r io.Reader) ([]int16, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, errors.New("not a WAV file (RIFF/WAVE)")
	}
	for hertz := uint32(0); ; {
		id, size, err := readChunk(r)
		if err != nil {
			return nil, err
		}
		switch {
		case id == "fmt ":
			hertz, err = readFormat(r, size)
		case id == "data" && hertz > 0:
			return readSamples(r, size, hertz)
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

func readFormat(r io.Reader, size uint32) (hertz uint32, err error) {
	if size < 16 || size > 128 {
		return 0, fmt.Errorf("of %d bytes", size)
	}
	f := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, f); err != nil {
		return 0, err
	}
	get := binary.LittleEndian.Uint16
	format, channels, bits := get(f), get(f[2:]), get(f[14:])
	hertz = binary.LittleEndian.Uint32(f[4:])
	if format != 1 || channels != 1 || bits != 16 || hertz != Rate && hertz != Rate/2 {
		return 0, fmt.Errorf("format %d, %d channels, %d bits, %d Hz; convert it to 16-bit PCM, 16000 Hz, mono: sox "+
			"IN.wav -r 16000 -c 1 -b 16 -e signed OUT.wav",
			format, channels, bits, hertz)
	}
	return hertz, nil
}

// readSamples reads to the end of the chunk or file: tools that write to a pipe leave a wrong size.
func readSamples(r io.Reader, size, hertz uint32) ([]int16, error) {
	most := MaxWAV / Rate * int(hertz)
	data, err := io.ReadAll(io.LimitReader(r, min(int64(size), 2*int64(most)+2)))
	if err != nil {
		return nil, fmt.Errorf("WAV sound: %w", err)
	}
	if len(data) > 2*most {
		return nil, fmt.Errorf("WAV sound is longer than %d s", MaxWAV/Rate)
	}
	pcm := make([]int16, len(data)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	if hertz == Rate {
		return pcm, nil
	}
	doubled, d := make([]int16, 2*len(pcm)), doubler{}
	d.double(doubled, pcm)
	return doubled, nil
}
