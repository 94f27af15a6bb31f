package words

import (
	"io"
	"time"

	"frontdesk/media"
	"frontdesk/media/record"
)

const (
	frame = 20 * time.Millisecond
	// A silence so long ends a piece.
	gap = 700 * time.Millisecond
	// So much silence is left around what is said.
	around = 200 * time.Millisecond
	// A piece is no longer: recognisers hear 30 s at once.
	longest = 25 * time.Second
	// One that is too long is cut where it is quietest in its last part.
	lastPart = 5 * time.Second
	// What is shorter is no word.
	shortest = 100 * time.Millisecond
)

// span is a piece of what one side says. Recognisers make words of silence, so they get none.
type span struct {
	channel      int
	begins, ends time.Duration // from the beginning of the recording
	pcm          []int16
	rate         int
}

// cutter finds the pieces of one channel.
type cutter struct {
	channel, rate int
	at            int     // samples that came
	pcm           []int16 // the piece that goes on; before it begins, the silence around it
	rest          []int16 // no whole frame yet
	spoken        int     // frames of it in which somebody speaks
	quiet         int     // frames since
	each          func(span) error
}

func newCutter(channel, rate int, each func(span) error) *cutter {
	return &cutter{channel: channel, rate: rate, each: each}
}

func (c *cutter) samples(d time.Duration) int { return int(d * time.Duration(c.rate) / time.Second) }

func (c *cutter) time(samples int) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(c.rate)
}

// add takes what comes next.
func (c *cutter) add(pcm []int16) error {
	c.rest = append(c.rest, pcm...)
	n := c.samples(frame)
	for len(c.rest) >= n {
		if err := c.frame(c.rest[:n]); err != nil {
			return err
		}
		c.rest = c.rest[:copy(c.rest, c.rest[n:])]
	}
	return nil
}

func (c *cutter) frame(pcm []int16) error {
	c.at += len(pcm)
	c.pcm = append(c.pcm, pcm...)
	if media.Spoken(pcm) {
		c.spoken, c.quiet = c.spoken+1, 0
	} else if c.quiet++; c.spoken == 0 {
		c.pcm = c.pcm[:copy(c.pcm, c.pcm[max(0, len(c.pcm)-c.samples(around)):])]
		return nil
	}
	if time.Duration(c.quiet)*frame >= gap {
		return c.give(len(c.pcm) - c.samples(gap-around))
	}
	if len(c.pcm) >= c.samples(longest) {
		return c.give(c.quietest())
	}
	return nil
}

// quietest is where the piece is best cut.
func (c *cutter) quietest() int {
	n := c.samples(frame)
	best, least := len(c.pcm), -1
	for from := len(c.pcm) - c.samples(lastPart); from+n <= len(c.pcm); from += n {
		sum := 0
		for _, s := range c.pcm[from : from+n] {
			sum += max(int(s), -int(s))
		}
		if least < 0 || sum < least {
			best, least = from+n/2, sum
		}
	}
	return best
}

// give passes on the first n samples of the piece, and goes on with the others.
func (c *cutter) give(n int) error {
	begins := c.at - len(c.pcm)
	one := span{channel: c.channel, begins: c.time(begins), ends: c.time(begins + n), pcm: c.pcm[:n:n], rate: c.rate}
	loud := time.Duration(c.spoken) * frame
	goesOn := c.quiet == 0
	c.pcm, c.spoken, c.quiet = append([]int16(nil), c.pcm[n:]...), 0, 0
	if goesOn {
		c.spoken = 1
	}
	if loud < shortest {
		return nil
	}
	return c.each(one)
}

// end gives what is left.
func (c *cutter) end() error {
	if c.spoken == 0 {
		return nil
	}
	c.quiet = 1
	return c.give(len(c.pcm))
}

// cut finds all that is said in a recording, piece by piece as each ends.
func cut(file io.Reader, each func(span) error) error {
	var sides []*cutter
	err := record.Channels(file, func(channels [][]int16, rate int) error {
		for c := len(sides); c < len(channels); c++ {
			sides = append(sides, newCutter(c, rate, each))
		}
		for c, pcm := range channels {
			if err := sides[c].add(pcm); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range sides {
		if err == nil {
			err = c.end()
		}
	}
	return err
}
