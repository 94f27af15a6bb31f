package filter

import (
	mathrand "math/rand/v2"
	"testing"
)

func TestScores(t *testing.T) {
	s := &Scores{}
	for _, score := range []float64{0.2, 0.95, 0.99, 1} {
		s.Add(score, true)
	}
	for _, score := range []float64{0, 0.1, 0.2, 0.91, 0.97} {
		s.Add(score, false)
	}
	for what, values := range map[string][2]float64{
		"missed":              {s.Missed(0.9), 1. / 4},
		"condemned":           {s.Condemned(0.9), 2. / 5},
		"where a fourth goes": {s.CondemnedWhere(0.25), 1. / 5},
		"where none goes":     {s.CondemnedWhere(0), 3. / 5},
		"above":               {s.AboveROC(), (2.5 + 1) / 20},
		"of nothing":          {new(Scores).AboveROC() + new(Scores).CondemnedWhere(0), 0},
	} {
		if d := values[0] - values[1]; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: %v, want %v", what, values[0], values[1])
		}
	}
}

// A trial learns from corrections alone.
func TestTrial(t *testing.T) {
	trial, r := NewTrial(), mathrand.New(mathrand.NewPCG(7, 8))
	late := Scores{}
	for n := range 200 {
		junk := n%3 == 0
		message := cleanLetter(r)
		if junk {
			message = junkLetter(r)
		}
		score := trial.Judge([]byte(message),
			func(score float64) (bool, bool) { return (score >= JunkAbove) != junk, junk })
		if n >= 100 {
			late.Add(score, junk)
		}
	}
	if late.Missed(JunkAbove) > 0.1 || late.Condemned(JunkAbove) > 0 {
		t.Errorf("missed %.2f, condemned %.2f", late.Missed(JunkAbove), late.Condemned(JunkAbove))
	}
}
