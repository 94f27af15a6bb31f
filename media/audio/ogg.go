package audio

import (
	"bytes"
	"errors"
	"io"

	"github.com/pion/opus/pkg/oggreader"

	"frontdesk/media"
)

// oggFile is Opus in Ogg (RFC 7845).
type oggFile struct {
	pages  *oggreader.OggReader
	opus   media.Decoder
	skip   int // samples at media.Rate that come before the sound
	buffer [longest]int16
}

// longest is how many samples a packet of Opus may have: 120 ms.
const longest = media.Rate * 120 / 1000

func openOgg(file []byte) (*oggFile, error) {
	pages, head, err := oggreader.NewWith(bytes.NewReader(file))
	if err != nil {
		return nil, errors.New("an Ogg file of this kind can't be read here: use Ogg with Opus, MP3 or WAV")
	}
	return &oggFile{pages: pages, opus: media.NewDecoder(media.Opus()), skip: int(head.PreSkip) / 3}, nil
}

func (o *oggFile) hertz() int { return media.Rate }

func (o *oggFile) read() ([]float32, error) {
	for {
		packet, _, err := o.pages.ParseNextPacket()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(packet, []byte("OpusTags")) {
			continue
		}
		n := o.opus.Decode(o.buffer[:], packet)
		skipped := min(n, o.skip)
		o.skip -= skipped
		if n == skipped {
			continue
		}
		some := make([]float32, n-skipped)
		for i := range some {
			some[i] = float32(o.buffer[skipped+i]) / (1 << 15)
		}
		return some, nil
	}
}
