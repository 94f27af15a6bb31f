package record

import "frontdesk/media"

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
