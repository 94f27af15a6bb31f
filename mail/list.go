package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/mail/find"
	"frontdesk/mail/imap"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Listing says which messages a list shows, newest first.
type Listing struct {
	Mailbox string // id; needed where Folder is empty and nothing is looked for: then all of the user's
	Folder  string // id; empty: all folders but Junk and Trash
	Query   string // what find.Parse reads, in UTC; what it finds, Find has to have, too
	Find    find.Query
	Unseen  bool
	Flagged bool
	Taken   string // "mine": the user's; "none": nobody's; "open": either; "": whosever
	After   string // Page.Next of the page before; empty: the first
	Limit   int    // 1 … 200; 0: 50
}

// Page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // Listing.After of the next page; empty: this is the last
}

// Conversation is a line of a list of threads: its newest message in the folder.
type Conversation struct {
	Summary
	Count  int `json:"count"`  // messages of the thread in the mailbox
	Unread int `json:"unread"` // of those in the folder
	// whose it is, of those who read a shared mailbox; "": nobody's
	Assignee string `json:"assignee"`
}

// isDraft is what can be gone on with: what is in Drafts, however flagged, and what was flagged there and put
// elsewhere, as into Trash.
const isDraft = `(m.folder IN (SELECT d.id FROM mail_folder d WHERE d.mailbox = m.mailbox AND d.special_use = 'Drafts')
	OR m.draft AND m.outgoing AND m.folder NOT IN (SELECT d.id FROM mail_folder d WHERE d.mailbox = m.mailbox AND d.special_use = 'Sent'))`

const summaryColumns = `m.id, m.mailbox, m.folder, m.thread, m.message_id, m.from_name, m.from_address, m.to_list, m.cc_list, m.subject, m.snippet,
	m.received_at, m.size, m.seen, m.flagged, m.answered, m.outgoing, ` + isDraft + `, m.attachments, m.verdict, m.keywords`

// scanSummary reads summaryColumns and what follows them.
func scanSummary(scan func(...any) error, more ...any) (s Summary, err error) {
	var to, cc, verdict, keywords string
	var at int64
	err = scan(append([]any{&s.ID, &s.Mailbox, &s.Folder, &s.Thread, &s.MessageID, &s.From.Name, &s.From.Address, &to,
		&cc, &s.Subject, &s.Snippet,
		&at, &s.Size, &s.Seen, &s.Flagged, &s.Answered, &s.Outgoing, &s.Draft, &s.Attachments, &verdict,
		&keywords}, more...)...)
	if err != nil {
		return s, err
	}
	s.Date, s.Labels = store.Time(at), labels(keywords)
	for text, into := range map[string]any{to: &s.To, cc: &s.Cc, verdict: &s.Verdict} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return s, fmt.Errorf("message %s: %w", s.ID, err)
		}
	}
	return s, nil
}

// labels are those of a message's keywords.
func labels(keywords string) []string {
	list := []string{}
	for _, k := range strings.Fields(keywords) {
		if label, shown := imap.Label(k); shown {
			list = append(list, label)
		}
	}
	return list
}

// Thread lists the messages of a thread in a mailbox, oldest first, at most 200. ErrNotFound.
func (b *Box) Thread(ctx context.Context, user, mailboxID, thread string) ([]Summary, error) {
	// The sum keeps SQLite from reading the mailbox in the order of time until it meets the thread.
	rows, err := b.db.Query(ctx, `SELECT `+summaryColumns+` FROM mail_message m JOIN mailbox_user u ON u.mailbox = m.mailbox AND u.user_id = $1
		WHERE m.mailbox = $2 AND m.thread = $3 ORDER BY m.received_at + 0, m.id LIMIT 200`, user, mailboxID, thread)
	list, err := store.Collect(rows, err, func(row store.Row) (Summary, error) { return scanSummary(row.Scan) })
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	return list, err
}

func (l Listing) limit() int {
	if l.Limit <= 0 {
		return 50
	}
	return min(l.Limit, 200)
}

// tail orders, and reads one row more than the page to know whether there is a next.
func (l Listing) tail() string {
	return fmt.Sprintf(` ORDER BY m.received_at DESC, m.id DESC LIMIT %d`, l.limit()+1)
}

// filter is the condition of a listing, after the check that its messages are the user's.
func (b *Box) filter(ctx context.Context, user string, l Listing) (where string, args []any, err error) {
	if l.Folder != "" {
		_, err = b.folderOf(ctx, user, l.Folder)
		where, args = `m.folder = $1`, []any{l.Folder}
	} else {
		_, err = first(b.mailboxes(ctx, `JOIN mailbox_user u ON u.mailbox = m.id AND u.user_id = $1 WHERE m.id = $2`,
			user, l.Mailbox))
		where = `m.mailbox = $1 AND m.folder NOT IN (SELECT id FROM mail_folder WHERE mailbox = $1 AND special_use IN ('Junk', 'Trash'))`
		args = []any{l.Mailbox}
	}
	if err != nil {
		return "", nil, err
	}
	if l.Unseen {
		where += ` AND NOT m.seen`
	}
	if l.Flagged {
		where += ` AND m.flagged`
	}
	q := query.New("")
	q.WriteString(where)
	q.Args = args
	l.taken(q, user)
	return l.after(q.String(), q.Args)
}

// finds tells whether a listing looks for something; it puts what Query says into Find.
func (l *Listing) finds() bool {
	if l.Query != "" {
		l.Find = find.Parse(l.Query, time.UTC)
	}
	return !l.Find.Empty()
}

func (l Listing) after(where string, args []any) (string, []any, error) {
	if l.After == "" {
		return where, args, nil
	}
	at, id, err := l.cursor()
	if err != nil {
		return "", nil, err
	}
	args = append(args, at, id)
	return where + fmt.Sprintf(` AND (m.received_at, m.id) < ($%d, $%d)`, len(args)-1, len(args)), args, nil
}

// cursor is the message that the page before ended with.
func (l Listing) cursor() (at int64, id string, err error) {
	if l.After == "" {
		return 0, "", nil
	}
	micros, id, _ := strings.Cut(l.After, ".")
	if at, err = strconv.ParseInt(micros, 10, 64); err != nil {
		return 0, "", fmt.Errorf("page %q: %w", l.After, ErrInvalid)
	}
	return at, id, nil
}

// assignee is whose a conversation is.
const assignee = `coalesce((SELECT a.user_id FROM mail_assigned a WHERE a.mailbox = m.mailbox AND a.thread = m.thread), '')`

// taken is the condition of Listing.Taken.
func (l Listing) taken(q *query.Builder, user string) {
	switch l.Taken {
	case "mine":
		q.Add(` AND `+assignee+` = ?`, user)
	case "none":
		q.Add(` AND ` + assignee + ` = ''`)
	case "open":
		q.Add(` AND `+assignee+` IN ('', ?)`, user)
	}
}

func page[T any](list []T, l Listing, err error, summary func(T) Summary) (Page[T], error) {
	p := Page[T]{Items: list}
	if err == nil && len(list) > l.limit() {
		p.Items = list[:l.limit()]
		last := summary(p.Items[len(p.Items)-1])
		p.Next = fmt.Sprintf("%d.%s", store.Micros(last.Date), last.ID)
	}
	return p, err
}
