package filter

import (
	"slices"
)

// Trial is a junk filter that starts knowing nothing and learns from a collection of mails that people have sorted,
// instead of from those who work with it. It asks nothing of the network and knows nothing of how a mail came.
type Trial struct {
	model   *model
	scratch *scratch
}

// NewTrial returns one that knows nothing.
func NewTrial() *Trial { return &Trial{model: newModel(modelBits), scratch: newScratch(modelBits)} }

// Judge tells how likely a message is junk: 0 … 1, and ½ until enough was taught. From JunkAbove on it goes to Junk.
// Where nobody corrects that, it teaches as in daily work.
func (t *Trial) Judge(message []byte, corrected func(score float64) (yes, junk bool)) float64 {
	f := t.scratch.read(nil, message[:min(len(message), headBytes)])
	score := t.model.score(f)
	switch yes, junk := corrected(score); {
	case yes:
		t.model.train(f, junk)
	case score < JunkAbove:
		t.model.assume(f)
	}
	return score
}

// Scores are those of a collection's mails, by what they are.
type Scores struct{ Junk, Wanted []float64 }

// Add notes a score.
func (s *Scores) Add(score float64, junk bool) {
	if junk {
		s.Junk = append(s.Junk, score)
	} else {
		s.Wanted = append(s.Wanted, score)
	}
}

// Missed is the share of junk that stays in the Inbox where what has this score or more goes to Junk, 0 … 1.
func (s *Scores) Missed(above float64) float64 { return 1 - share(s.Junk, above) }

// Condemned is the share of wanted mail that goes to Junk there, 0 … 1.
func (s *Scores) Condemned(above float64) float64 { return share(s.Wanted, above) }

// CondemnedWhere is the share of wanted mail that goes to Junk where no more than the given share of junk is missed.
func (s *Scores) CondemnedWhere(missed float64) float64 {
	if len(s.Junk) == 0 {
		return 0
	}
	junk := slices.Sorted(slices.Values(s.Junk))
	return s.Condemned(junk[min(int(missed*float64(len(junk))), len(junk)-1)])
}

// AboveROC is the area above the curve of both shares, 0 … 1, as TREC's spam track gives it: how likely a wanted mail
// has a higher score than one of junk.
func (s *Scores) AboveROC() float64 {
	wanted := slices.Sorted(slices.Values(s.Wanted))
	higher := 0.0
	for _, score := range s.Junk {
		first, _ := slices.BinarySearch(wanted, score)
		behind := first
		for behind < len(wanted) && wanted[behind] == score {
			behind++
		}
		higher += float64(len(wanted)-behind) + float64(behind-first)/2
	}
	return higher / max(float64(len(s.Junk))*float64(len(wanted)), 1)
}

func share(scores []float64, above float64) float64 {
	n := 0
	for _, score := range scores {
		if score >= above {
			n++
		}
	}
	return float64(n) / max(float64(len(scores)), 1)
}
