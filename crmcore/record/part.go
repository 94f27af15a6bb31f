package record

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/crmcore/address"
	"frontdesk/store"
	"frontdesk/store/query"
)

// minInfix is how many letters are looked for within words; fewer only at the beginning of one.
const minInfix = 3

// maxBare is how long a number is that has parts as words have.
const maxBare = 6

// parts are the ends of a word that it is found by. A number is found by its own end, a mailbox by its parts.
func parts(word string) (ends []string) {
	if strings.Contains(word, "@") || len(word) > maxBare && address.Digits(word) == word {
		return nil
	}
	for i := range word {
		if i > 0 && utf8.RuneCountInString(word[i:]) >= minInfix {
			ends = append(ends, word[i:])
		}
	}
	return ends
}

// insertParts makes words known to searches within them. All write in the same order, so that nobody waits in a circle.
func insertParts(ctx context.Context, tx *store.Tx, words []string) error {
	return tx.ExecAll(ctx, partsOf(words))
}

// partsAtOnce are written by one statement.
const partsAtOnce = 256

// partsOf are the statements of insertParts. The last part is repeated until their number is a power of two, so that
// there are few texts for a connection to keep prepared.
func partsOf(words []string) (statements []store.Statement) {
	var rows [][2]string
	slices.Sort(words)
	for _, w := range words {
		for _, end := range parts(w) {
			rows = append(rows, [2]string{end, w})
		}
	}
	for some := range slices.Chunk(rows, partsAtOnce) {
		some = slices.Clip(some) // the next chunk lies behind it
		for n := len(some); n&(n-1) != 0; n++ {
			some = append(some, some[n-1])
		}
		q := query.New("INSERT INTO search_part (part, word) VALUES ")
		for _, row := range some {
			q.Values([]byte(row[0]), []byte(row[1]))
		}
		q.Add(" ON CONFLICT DO NOTHING")
		statements = append(statements, store.Statement{Query: q.String(), Args: q.Args})
	}
	return statements
}

// PartsJob is the kind of the job that makes searches find the parts of words from before there was such a search.
const PartsJob = "crm.parts"

// partsDone says how far that is.
type partsDone struct {
	Kind  int    `json:"kind,omitempty"`  // of searched
	After []byte `json:"after,omitempty"` // word
	// once more a day later: an older version may run beside this one, and write words without their parts
	Again bool `json:"again,omitempty"`
}

func searched() []Kind { return []Kind{Contact, Company, Lead, Deal} }

// FillParts does a piece of that work, a little at a time, and leaves the next one to another job.
func FillParts(ctx context.Context, db *store.DB, job store.Job) error {
	var done partsDone
	if err := json.Unmarshal(job.Payload, &done); err != nil {
		return err
	}
	ctx = store.As(ctx, store.Reports, "")
	for range 50 {
		words, err := nextWords(ctx, db, done)
		if err != nil {
			return err
		}
		if len(words) == 0 {
			if done.Kind++; done.Kind == len(searched()) {
				break
			}
			done.After = nil
			continue
		}
		done.After = []byte(words[len(words)-1])
		if err := db.Tx(ctx, func(tx *store.Tx) error { return insertParts(ctx, tx, words) }); err != nil {
			return err
		}
	}
	next, options := done, store.JobOptions{Dedupe: "next"}
	if done.Kind == len(searched()) {
		if !done.Again {
			return nil
		}
		next, options.At = partsDone{}, time.Now().Add(24*time.Hour)
	}
	return store.Enqueue(ctx, db, PartsJob, next, options)
}

// nextWords are the words after those that are done.
func nextWords(ctx context.Context, db *store.DB, done partsDone) ([]string, error) {
	q := query.New("SELECT DISTINCT word FROM search_word WHERE entity_kind = ? AND word > ? ORDER BY word LIMIT 100",
		searched()[done.Kind], append([]byte{}, done.After...))
	words, err := query.All(ctx, db, func(r store.Row) (w []byte, err error) { return w, r.Scan(&w) }, q)
	set := map[string]bool{}
	for _, w := range words {
		set[string(w)] = true
	}
	return slices.Sorted(maps.Keys(set)), err
}
