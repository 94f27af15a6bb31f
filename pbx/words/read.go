package words

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"frontdesk/pbx/recording"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Sides of a line.
const (
	ours   = "ours"
	theirs = "theirs"
)

func scanLine(row store.Row) (l Line, err error) {
	var channel, begins, ends int64
	err = row.Scan(&channel, &begins, &ends, &l.Text)
	l.Side, l.Begins, l.Ends = ours, float64(begins)/1000, float64(ends)/1000
	if channel == recording.Theirs {
		l.Side = theirs
	}
	return l, err
}

// readLines are those of a recording, in the order in which they were begun.
func readLines(ctx context.Context, q store.Queries, id string) ([]Line, error) {
	return query.All(ctx, q, scanLine, query.New(`SELECT channel, begins, ends, text FROM transcript_line WHERE recording = ?
		ORDER BY begins, span`, id))
}

func (w *Words) transcript(ctx context.Context, id string) (t Transcript, err error) {
	var steps string
	err = w.db.QueryRow(ctx, `SELECT state, summary, steps, error FROM transcript WHERE recording = $1`, id).
		Scan(&t.State, &t.Summary, &steps, &t.Trouble)
	if err != nil {
		return t, store.Found(err)
	}
	if err := json.Unmarshal([]byte(steps), &t.Steps); err != nil {
		return t, err
	}
	t.Lines, err = readLines(ctx, w.db, id)
	return t, err
}

// wordsTogether are indexed by one statement.
const wordsTogether = 200

// index makes a recording findable by what was said in it.
func (w *Words) index(ctx context.Context, tx *store.Tx, r recording.Recording, lines []Line) error {
	seen, all := map[string]bool{}, []string(nil)
	for _, l := range lines {
		for _, word := range w.config.Split(l.Text) {
			if !seen[word] {
				seen[word], all = true, append(all, word)
			}
		}
	}
	for len(all) > 0 {
		some := all[:min(len(all), wordsTogether)]
		all = all[len(some):]
		q := query.New(`INSERT INTO transcript_word (word, call, recording) VALUES `)
		for i, word := range some {
			if i > 0 {
				q.Add(", ")
			}
			q.Add("(?, ?, ?)", []byte(word), r.Call, r.ID)
		}
		if _, err := tx.Exec(ctx, q.Add(" ON CONFLICT DO NOTHING").String(), q.Args...); err != nil {
			return err
		}
	}
	return nil
}

// beginning is how many bytes of a word's beginning find it; fewer are a whole word.
const beginning = 3

// maxAsked words are looked for.
const maxAsked = 8

// Asked are the words of a text that somebody looks for: all must have been said.
func (w *Words) Asked(text string) (all []Wanted) {
	words := w.config.Split(text)
	for _, word := range words[:min(len(words), maxAsked)] {
		from, until := []byte(word), []byte(word+"\x00")
		if len(word) >= beginning {
			until = append([]byte(word), 0xFF) // no byte of UTF-8
		}
		all = append(all, Wanted{from, until})
	}
	return all
}

// Wanted is a word, or the beginning of one, as the index has them: from one value, and before another.
type Wanted struct{ From, Until []byte }

// Hit is a place in a recording that was looked for.
type Hit struct {
	Recording string    `json:"recording"`
	Call      string    `json:"call"`
	At        time.Time `json:"at" doc:"Of the recording"`
	Line
}

// Find looks for the recordings with all words of a text that a reader may hear, the newest first, each with the first
// line that has one of them.
func (w *Words) Find(ctx context.Context, reader recording.Reader, text string, limit int) ([]Hit, error) {
	asked := w.Asked(text)
	if len(asked) == 0 {
		return nil, nil
	}
	q := query.New(`SELECT id, call, at FROM recording WHERE `).With(reader.Hears("recording.call"))
	for _, a := range asked {
		q.Add(` AND id IN (SELECT recording FROM transcript_word WHERE word >= ? AND word < ?)`, a.From, a.Until)
	}
	hits, err := query.All(ctx, w.db, scanHit, q.Add(` ORDER BY at DESC, id LIMIT ?`, limit))
	for i := range hits {
		if err == nil {
			hits[i].Line, err = w.lineWith(ctx, hits[i].Recording, asked)
		}
	}
	return hits, err
}

func scanHit(row store.Row) (h Hit, err error) {
	var at int64
	err = row.Scan(&h.Recording, &h.Call, &at)
	h.At = store.Time(at)
	return h, err
}

// lineWith is the line of a recording that has most of the words; of several the first.
func (w *Words) lineWith(ctx context.Context, id string, asked []Wanted) (best Line, err error) {
	lines, err := readLines(ctx, w.db, id)
	most := -1
	for _, l := range lines {
		n := 0
		words := w.config.Split(l.Text)
		for _, a := range asked {
			if a.in(words) {
				n++
			}
		}
		if n > most {
			best, most = l, n
		}
	}
	return best, err
}

func (a Wanted) in(words []string) bool {
	for _, word := range words {
		if word >= string(a.From) && strings.Compare(word, string(a.Until)) < 0 {
			return true
		}
	}
	return false
}
