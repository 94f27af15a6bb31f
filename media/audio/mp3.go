package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

type mp3File struct {
	*mp3.Decoder
	buffer [4 * block]byte // 16 bits, two channels
}

func openMP3(file []byte) (*mp3File, error) {
	d, err := mp3.NewDecoder(bytes.NewReader(file))
	if err != nil {
		return nil, ErrFormat
	}
	return &mp3File{Decoder: d}, nil
}

func (m *mp3File) hertz() int { return m.SampleRate() }

func (m *mp3File) read() ([]float32, error) {
	n, err := io.ReadFull(m.Decoder, m.buffer[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	some := make([]float32, n/4)
	for i := range some {
		left, right := binary.LittleEndian.Uint16(m.buffer[4*i:]), binary.LittleEndian.Uint16(m.buffer[4*i+2:])
		some[i] = (float32(int16(left)) + float32(int16(right))) / (1 << 16)
	}
	return some, nil
}
