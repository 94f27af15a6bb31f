package find

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/store"
	"frontdesk/store/query"
)

// The index says for each word of a mailbox when messages with it were received, to the microsecond: their rows are
// looked up by that and held against the query. So a message that is deleted, moved or received at one moment with
// another needs nothing written; a time that leads to no message, or is there twice, does no harm.
//
// A row of mail_word grows until its part has partSize messages; all words of one message are in one part. Messages
// that are not in the index yet are few, and are read by each search; see Run.
const (
	partSize = 8000 // messages
	batch    = 500  // messages read together
	waiting  = 300  // not in the index: fewer are left to searches
	wordRows = 200  // written in one statement: others of the database wait no longer than for that
	timeSize = 9    // bytes of a time
	timeBase = 64
)

const digits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// values are those of the digits, and 1; 0 is none.
var values = func() (v [256]byte) {
	for i := range digits {
		v[digits[i]] = byte(i + 1)
	}
	return v
}()

// Index is that of all mailboxes of a database.
type Index struct{ db *store.DB }

// New makes one over a migrated database.
func New(db *store.DB) *Index { return &Index{db: db} }

// appendTime writes a time so that several are one text, on either engine.
func appendTime(text []byte, micros int64) []byte {
	var b [timeSize]byte
	for i := timeSize - 1; i >= 0; i-- {
		b[i] = digits[micros%timeBase]
		micros /= timeBase
	}
	return append(text, b[:]...)
}

func times(text string) ([]int64, error) {
	list := make([]int64, 0, len(text)/timeSize)
	for ; len(text) >= timeSize; text = text[timeSize:] {
		var at int64
		for i := range timeSize {
			n := values[text[i]]
			if n == 0 {
				return nil, fmt.Errorf("the index of mails has %q", text[:timeSize])
			}
			at = at*timeBase + int64(n-1)
		}
		list = append(list, at)
	}
	return list, nil
}

// Part of the index: messages that were received within a time.
type Part struct {
	number      int64
	messages    int64
	First, Last int64
}

// Parts are those of a mailbox, in no order.
func (x *Index) Parts(ctx context.Context, mailbox string) ([]Part, error) {
	q := query.New(`SELECT part, messages, first_at, last_at FROM mail_indexed WHERE mailbox = ?`, mailbox)
	return query.All(ctx, x.db, func(row store.Row) (p Part, err error) {
		return p, row.Scan(&p.number, &p.messages, &p.First, &p.Last)
	}, q)
}

// Times are those at which a mailbox received what may fit a query, of one part, the latest first. The query has words.
func (x *Index) Times(ctx context.Context, mailbox string, p Part, q Query) (list []int64, err error) {
	words := q.words()
	// The longest word is likely in the fewest messages.
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for i, word := range slices.Compact(words) {
		of, err := x.timesOf(ctx, mailbox, p, word)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			of = both(list, of)
		}
		if list = of; len(list) == 0 {
			break
		}
	}
	slices.Reverse(list)
	return list, nil
}

// From is where in times, the latest first, those begin that are not after at.
func From(times []int64, at int64) int {
	n, _ := slices.BinarySearchFunc(times, at, func(t, at int64) int { return cmp.Compare(at, t) })
	return n
}

// timesOf are those of messages with a word that begins so, each once, the earliest first.
func (x *Index) timesOf(ctx context.Context, mailbox string, p Part, word string) ([]int64, error) {
	low, high := []byte(word), []byte(word+"\xff")
	b := query.New(`SELECT times FROM mail_word WHERE mailbox = ? AND part = ?`, mailbox, p.number)
	if len(word) >= prefix {
		b.Add(` AND word >= ? AND word < ?`, low, high)
	} else {
		b.Add(` AND word = ?`, low)
	}
	var list []int64
	rows, err := query.All(ctx, x.db, func(row store.Row) (text string, err error) { return text, row.Scan(&text) }, b)
	for _, text := range rows {
		more, err := times(text)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.Sort(list)
	return slices.Compact(list), err
}

// both are the numbers that are in two rising lists.
func both(a, b []int64) (list []int64) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			list = append(list, a[0])
			a, b = a[1:], b[1:]
		}
	}
	return list
}

// Run brings messages that came since into the index, where a mailbox has enough of them, until none has. Any number of
// nodes may do it at once, and any may die over it: then times are there twice.
func (x *Index) Run(ctx context.Context) error {
	for {
		b := query.New(`SELECT mailbox FROM mail_message WHERE NOT indexed GROUP BY mailbox HAVING count(*) >= ?`, waiting)
		full, err := query.All(ctx, x.db, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, b)
		if err != nil || len(full) == 0 {
			return err
		}
		for _, mailbox := range full {
			if err := x.take(ctx, mailbox); err != nil {
				return fmt.Errorf("index mailbox %s: %w", mailbox, err)
			}
		}
	}
}

// unread is a message that is not in the index yet.
type unread struct {
	id     string
	at     int64
	search string
}

// take brings some messages of a mailbox into the index.
func (x *Index) take(ctx context.Context, mailbox string) error {
	part, err := x.part(ctx, mailbox)
	if err != nil {
		return err
	}
	b := query.New(`SELECT id, received_at, search FROM mail_message WHERE mailbox = ? AND NOT indexed AND indexed = ? ORDER BY id LIMIT ?`, mailbox, false, batch)
	list, err := query.All(ctx, x.db, func(row store.Row) (m unread, err error) {
		return m, row.Scan(&m.id, &m.at, &m.search)
	}, b)
	if err != nil {
		return err
	}
	words := map[string][]byte{}
	for _, m := range list {
		of := Words(m.search)
		slices.Sort(of)
		for _, word := range slices.Compact(of) {
			words[word] = appendTime(words[word], m.at)
		}
	}
	if err := x.widen(ctx, mailbox, part, list); err != nil {
		return err
	}
	if err := x.write(ctx, mailbox, part, words); err != nil {
		return err
	}
	return x.done(ctx, mailbox, part, list)
}

// part is where the words of the next messages go.
func (x *Index) part(ctx context.Context, mailbox string) (number int64, err error) {
	parts, err := x.Parts(ctx, mailbox)
	for _, p := range parts {
		switch {
		case p.number < number:
		case p.messages < partSize:
			number = p.number
		default:
			number = p.number + 1
		}
	}
	return number, err
}

// widen makes a part one that has messages, before it does: no search may look past them.
func (x *Index) widen(ctx context.Context, mailbox string, part int64, list []unread) error {
	if len(list) == 0 {
		return nil
	}
	byTime := func(a, b unread) int { return cmp.Compare(a.at, b.at) }
	_, err := x.db.Exec(ctx, `INSERT INTO mail_indexed (mailbox, part, messages, first_at, last_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (mailbox, part) DO UPDATE SET messages = mail_indexed.messages + excluded.messages,
		first_at = CASE WHEN excluded.first_at < mail_indexed.first_at THEN excluded.first_at ELSE mail_indexed.first_at END,
		last_at = CASE WHEN excluded.last_at > mail_indexed.last_at THEN excluded.last_at ELSE mail_indexed.last_at END`,
		mailbox, part, len(list), slices.MinFunc(list, byTime).at, slices.MaxFunc(list, byTime).at)
	return err
}

func (x *Index) write(ctx context.Context, mailbox string, part int64, words map[string][]byte) error {
	// In their order: nodes that write the same rows don't wait for each other in a circle.
	for rows := range slices.Chunk(slices.Sorted(maps.Keys(words)), wordRows) {
		b := query.New(`INSERT INTO mail_word (mailbox, word, part, times) VALUES `)
		for _, word := range rows {
			b.Values(mailbox, []byte(word), part, string(words[word]))
		}
		b.Add(` ON CONFLICT (mailbox, part, word) DO UPDATE SET times = mail_word.times || excluded.times`)
		if _, err := x.db.Exec(ctx, b.String(), b.Args...); err != nil {
			return err
		}
	}
	return nil
}

// done says that messages are in the index. One whose text was written anew meanwhile stays for the next time.
func (x *Index) done(ctx context.Context, mailbox string, part int64, list []unread) error {
	return x.db.Tx(ctx, func(tx *store.Tx) error {
		for _, m := range list {
			if err := tx.Later(ctx, store.Statement{Query: `UPDATE mail_message SET indexed = $1 WHERE id = $2 AND received_at = $3 AND search = $4`,
				Args: []any{true, m.id, m.at, m.search}}); err != nil {
				return err
			}
		}
		return nil
	})
}
