package record

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"frontdesk/media"
)

// A tape on disk is its magic and then entries: the header, the streams, and their packets as they came. It may end
// anywhere: where the process died.
const (
	magic     = "frontdesk tape 1\n"
	entrySize = 17
	// mostPayload of an entry.
	mostPayload = 64<<10 - 1
	longest     = media.Rate * 120 / 1000 // samples of a packet
)

const (
	headerEntry = 'h'
	streamEntry = 's'
	packetEntry = 'p'
)

// errBroken: it is no tape, or one whose beginning was never written.
var errBroken = errors.New("no tape")

// entry is what stands before each payload.
type entry struct {
	kind      byte
	stream    uint16
	at        uint32 // when it came, in milliseconds since the beginning
	timestamp uint32
	source    uint32 // SSRC
	size      uint16
}

func (e entry) append(to []byte, size int) []byte {
	to = append(to, e.kind)
	to = binary.LittleEndian.AppendUint16(to, e.stream)
	to = binary.LittleEndian.AppendUint32(to, e.at)
	to = binary.LittleEndian.AppendUint32(to, e.timestamp)
	to = binary.LittleEndian.AppendUint32(to, e.source)
	return binary.LittleEndian.AppendUint16(to, uint16(size))
}

func readEntry(b []byte) entry {
	l := binary.LittleEndian
	return entry{b[0], l.Uint16(b[1:]), l.Uint32(b[3:]), l.Uint32(b[7:]), l.Uint32(b[11:]), l.Uint16(b[15:])}
}

// header is what is known of a recording from the beginning.
type header struct {
	Kind  string          `json:"kind"`
	At    time.Time       `json:"at"`
	About json.RawMessage `json:"about"`
}

// stream is what a sink records.
type stream struct {
	Channel int         `json:"channel"`
	Codec   media.Codec `json:"codec"`
}

func readStream(payload []byte) (s stream, err error) {
	if err = json.Unmarshal(payload, &s); err == nil && media.NewDecoder(s.Codec) == nil {
		err = fmt.Errorf("%w: a stream in %s", errBroken, s.Codec.Name)
	}
	return s, err
}

// entries calls each with the entries of a file in order, as far as it goes.
func entries(file io.ReadSeeker, each func(e entry, payload []byte) error) error {
	if _, err := file.Seek(int64(len(magic)), io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(file, 64<<10)
	head, payload := make([]byte, entrySize), make([]byte, mostPayload)
	for {
		_, err := io.ReadFull(r, head)
		e := readEntry(head)
		if err == nil {
			_, err = io.ReadFull(r, payload[:e.size])
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err == nil {
			err = each(e, payload[:e.size])
		}
		if err != nil {
			return err
		}
	}
}
