package record

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"frontdesk/media"
)

// blockOf is how many samples of each channel are read at once.
const blockOf = 4096

// maxChannels of a file.
const maxChannels = 8

var errNotOurs = errors.New("this is no recording")

// Channels reads a file that WAV wrote: the sound of each of its channels, block after block, at so many samples a
// second. The blocks are the reader's no longer than until the next one.
func Channels(file io.Reader, block func(channels [][]int16, rate int) error) error {
	in := bufio.NewReaderSize(file, 64<<10)
	h := make([]byte, headSize)
	if _, err := io.ReadFull(in, h); err != nil || string(h[:4]) != "RIFF" || string(h[50:54]) != "data" {
		return errNotOurs
	}
	law, channels, rate := media.ALaw(), int(binary.LittleEndian.Uint16(h[22:])),
		int(binary.LittleEndian.Uint32(h[24:]))
	if binary.LittleEndian.Uint16(h[20:]) == formatULaw {
		law = media.ULaw()
	}
	if channels < 1 || channels > maxChannels || rate <= 0 {
		return errNotOurs
	}
	bytes, mixed := make([]byte, blockOf*channels), make([]int16, blockOf*channels)
	sides := make([][]int16, channels)
	for {
		n, err := io.ReadFull(in, bytes)
		n -= n % channels
		if n > 0 {
			law.Decode(mixed, bytes[:n])
			for c := range sides {
				sides[c] = sides[c][:0]
				for i := c; i < n; i += channels {
					sides[c] = append(sides[c], mixed[i])
				}
			}
			if err := block(sides, rate); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
