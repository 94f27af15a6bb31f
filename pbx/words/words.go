// Package words writes down what is said in recordings: a recogniser, which speaks the API of OpenAI, hears each side
// by
// itself, so that it is known who said what; another model may sum it up. Neither is asked unless an administrator
// named
// it. Who may hear a recording may read and find its words, and they go with it.
package words

import (
	"log/slog"
	"net/http"
	"time"

	"frontdesk/guard"
	"frontdesk/pbx/recording"
	"frontdesk/store"
)

// States of a transcript.
const (
	Waiting = "waiting" // for the recogniser, or for its next attempt
	Done    = "done"
	Failed  = "failed" // no further attempt is made by itself
)

// Config of the words. Zero values stand for the defaults named.
type Config struct {
	Egress guard.Egress                 // where a recogniser may be
	Seal   *guard.Seal                  // of keys; needed
	Split  func(text string) []string   // the words of a text as people compare them; needed
	Agent  string                       // User-Agent; "Frontdesk"
	Wait   time.Duration                // for one answer; 2 min
	Again  func(attempts int) time.Time // when it is tried again; by store.Backoff
}

// Words are those of the company's recordings. They are safe for concurrent use.
type Words struct {
	config        Config
	db            *store.DB
	recordings    *recording.Recordings
	log           *slog.Logger
	secure, plain *http.Client
}

// Transcript is what was said in a recording.
type Transcript struct {
	State   string   `json:"state" enum:"waiting,done,failed"`
	Lines   []Line   `json:"lines"`
	Summary string   `json:"summary,omitempty" doc:"Proposed by a machine: check it"`
	Steps   []string `json:"steps" doc:"Next steps, proposed by a machine"`
	Trouble string   `json:"trouble,omitempty" doc:"Why it is not there yet; for administrators"`
}

// Line is something that one side said.
type Line struct {
	Side   string  `json:"side" enum:"ours,theirs" doc:"Of two colleagues, who called is ours"`
	Begins float64 `json:"begins" doc:"Seconds from the beginning of the recording"`
	Ends   float64 `json:"ends"`
	Text   string  `json:"text"`
}
