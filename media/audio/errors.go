package audio

import (
	"errors"
	"fmt"
	"time"
)

// ErrFormat: it is none of the files that Decode reads.
var ErrFormat = errors.New("not a sound file that can be read here: use WAV, MP3 or Ogg with Opus")

// ErrTooLong: it lasts longer than it may.
type ErrTooLong struct{ Most time.Duration }

func (e ErrTooLong) Error() string { return fmt.Sprintf("it lasts longer than %v", e.Most) }
