// Package audio reads sound files that people upload, and writes those that browsers and mail programs play.
package audio

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"frontdesk/media"
)

// source gives the samples of a file, all channels made one.
type source interface {
	hertz() int
	// read gives the next samples; none at the end.
	read() ([]float32, error)
}

// Decode makes sound (media.Rate, mono) of a file: WAV, MP3, or Ogg with Opus, whichever it is. What lasts longer than
// most is refused before more of it is in memory. A decoder that a broken file makes panic is an error.
func Decode(file []byte, most time.Duration) (pcm []int16, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			pcm, err = nil, fmt.Errorf("the file is broken: %v", broken)
		}
	}()
	src, err := open(file)
	if err != nil {
		return nil, err
	}
	limit := int(most.Seconds() * float64(src.hertz()))
	var all []float32
	for {
		some, err := src.read()
		if err != nil {
			return nil, fmt.Errorf("the file is broken: %w", err)
		}
		if len(some) == 0 {
			break
		}
		if all = append(all, some...); len(all) > limit {
			return nil, ErrTooLong{most}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there is no sound in the file")
	}
	return resample(all, src.hertz(), media.Rate), nil
}

func open(file []byte) (source, error) {
	has := func(mark string, at int) bool { return len(file) > at && bytes.HasPrefix(file[at:], []byte(mark)) }
	switch {
	case has("RIFF", 0) && has("WAVE", 8):
		return openWAV(file)
	case has("OggS", 0):
		return openOgg(file)
	case has("ID3", 0), len(file) > 2 && file[0] == 0xFF && file[1]&0xE0 == 0xE0:
		return openMP3(file)
	}
	return nil, ErrFormat
}
