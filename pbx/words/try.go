package words

import (
	"context"
	"errors"

	"frontdesk/media"
)

// ErrOff: nobody writes down what is said.
var ErrOff = errors.New("no recogniser is set")

// Tried is what came of trying the models.
type Tried struct {
	Heard          string `json:"heard" doc:"What the recogniser made of a sentence that the program says to callers"`
	Trouble        string `json:"trouble,omitempty" doc:"Why it made nothing of it"`
	Summary        string `json:"summary,omitempty" doc:"What the other made of that"`
	SummaryTrouble string `json:"summary_trouble,omitempty" doc:"Why it made nothing of it"`
}

// Try has the recogniser hear a sound (media.Rate), and the other model sum it up, where there is one. ErrOff.
func (w *Words) Try(ctx context.Context, pcm []int16) (t Tried, err error) {
	s, err := w.Settings(ctx)
	if err != nil {
		return t, err
	}
	if s.Recogniser.URL == "" {
		return t, ErrOff
	}
	heard, err := w.hear(ctx, s, pcm, media.Rate)
	if err != nil {
		t.Trouble = err.Error()
		return t, nil
	}
	if t.Heard = heard; s.Summariser.URL == "" || heard == "" {
		return t, nil
	}
	if t.Summary, _, err = w.sumUp(ctx, s, []Line{{Side: ours, Text: heard}}); err != nil {
		t.SummaryTrouble = err.Error()
	}
	return t, nil
}
