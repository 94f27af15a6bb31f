package record

import "frontdesk/media"

// span is a part of a sound, in samples.
type span struct{ from, until int }

// Trim leaves out the silence before the first word and after the last, but for a moment; false: nobody speaks at all,
// and nothing is left out.
func (s *Sound) Trim() (spoken bool, err error) {
	const step = 100 // a hundredth of a second
	first, last, at := -1, 0, 0
	err = s.Lay(1, func(channels [][]int16) error {
		size := s.Rate() / step
		for pcm := channels[0]; len(pcm) > 0; {
			n := min(size, len(pcm))
			if media.Spoken(pcm[:n]) {
				last = at + n
				if first < 0 {
					first = at
				}
			}
			at, pcm = at+n, pcm[n:]
		}
		return nil
	})
	if err != nil || first < 0 {
		return false, err
	}
	s.kept = &span{max(0, first-s.Rate()/2), last + s.Rate()/2}
	return true, nil
}

// only passes on what of the blocks is in the span.
func (k *span) only(block func([][]int16) error) func([][]int16) error {
	at := 0
	return func(channels [][]int16) error {
		n := len(channels[0])
		from, until := min(max(k.from-at, 0), n), min(max(k.until-at, 0), n)
		at += n
		if from >= until {
			return nil
		}
		some := make([][]int16, len(channels))
		for i := range channels {
			some[i] = channels[i][from:until]
		}
		return block(some)
	}
}
