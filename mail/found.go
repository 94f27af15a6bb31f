package mail

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/mail/find"
	"frontdesk/mail/imap"
	"frontdesk/store"
	"frontdesk/store/query"
)

// hit is a message that may fit a query.
type hit struct {
	Summary
	search, files string
}

const hitColumns = summaryColumns + `, m.search, m.files`

func scanHit(row store.Row) (h hit, err error) {
	h.Summary, err = scanSummary(row.Scan, &h.search, &h.files)
	return h, err
}

func (h hit) fits(q find.Query) bool {
	names := func(list ...Person) string {
		var b strings.Builder
		for _, p := range list {
			b.WriteString(p.Name + " " + p.Address + " ")
		}
		return b.String()
	}
	return q.Matches(find.Texts{All: func() string { return h.search }, From: names(h.From),
		To: names(h.To...) + names(h.Cc...), Subject: h.Subject, Files: h.files})
}

// later tells whether a comes before b in lists.
func later(a, b hit) int {
	return cmp.Or(b.Date.Compare(a.Date), strings.Compare(b.ID, a.ID))
}

// found are the messages that fit, the latest first: those of a page, and one more when there is a next.
func (b *Box) found(ctx context.Context, user string, l Listing) (list []hit, err error) {
	boxes := []string{l.Mailbox}
	if l.Folder != "" {
		f, err := b.folderOf(ctx, user, l.Folder)
		if err != nil {
			return nil, err
		}
		boxes[0] = f.Mailbox
	} else if boxes, err = b.boxesOf(ctx, user, l.Mailbox); err != nil {
		return nil, err
	}
	for _, box := range boxes {
		more, err := b.foundIn(ctx, user, box, l)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, later)
	return list[:min(len(list), l.limit()+1)], nil
}

// boxesOf are the ids of the user's mailboxes, or the one asked for. ErrNoMailbox.
func (b *Box) boxesOf(ctx context.Context, user, only string) (ids []string, err error) {
	own, err := b.MailboxesOf(ctx, user)
	for _, m := range own {
		if only == "" || m.ID == only {
			ids = append(ids, m.ID)
		}
	}
	if err == nil && only != "" && len(ids) == 0 {
		err = ErrNoMailbox
	}
	return ids, err
}

// Candidates are looked at some at a time, ever more of them: most queries find a page at once.
const (
	firstLook = 128
	mostLook  = 2048
)

// foundIn is found in one mailbox.
func (b *Box) foundIn(ctx context.Context, user, mailbox string, l Listing) ([]hit, error) {
	if !l.Find.HasWords() {
		return b.hits(ctx, user, mailbox, l, func(q *query.Builder) { q.WriteString(l.tail()) })
	}
	list, err := b.hits(ctx, user, mailbox, l, func(q *query.Builder) { q.Add(` AND NOT m.indexed AND m.indexed = ?`, false) })
	if err != nil {
		return nil, err
	}
	parts, err := b.index.Parts(ctx, mailbox) // after the rest: what is brought into a part meanwhile is found twice
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, later)
	slices.SortFunc(parts, func(p, q find.Part) int { return cmp.Compare(q.Last, p.Last) })
	for _, p := range parts {
		if n := l.limit(); len(list) > n && store.Micros(list[n].Date) >= p.Last {
			break
		}
		more, err := b.foundInPart(ctx, user, mailbox, l, p)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
		slices.SortFunc(list, later)
		list = slices.CompactFunc(list, func(x, y hit) bool { return x.ID == y.ID })
	}
	return list, nil
}

// foundInPart is foundIn what one part of the index has, as far as a page needs.
func (b *Box) foundInPart(ctx context.Context, user, mailbox string, l Listing, p find.Part) (list []hit, err error) {
	at, _, err := l.cursor()
	if err != nil || l.After != "" && p.First > at {
		return nil, err
	}
	times, err := b.index.Times(ctx, mailbox, p, l.Find)
	if err != nil {
		return nil, err
	}
	if l.After != "" {
		times = times[find.From(times, at):]
	}
	for n := firstLook; len(times) > 0 && len(list) <= l.limit(); n = min(2*n, mostLook) {
		some := times[:min(n, len(times))]
		times = times[len(some):]
		more, err := b.hits(ctx, user, mailbox, l, func(q *query.Builder) { receivedAt(q, some) })
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// receivedAt appends the condition that an index's times make. The last is repeated until their number is a power of
// two, so that there are few texts of a query to keep prepared.
func receivedAt(q *query.Builder, times []int64) {
	args := make([]any, 0, len(times))
	for _, at := range padded(times) {
		args = append(args, at)
	}
	q.Add(` AND m.received_at IN (?`+strings.Repeat(`, ?`, len(args)-1)+`)`, args...)
}

// hits reads messages of a mailbox that fit, of those that only names.
func (b *Box) hits(ctx context.Context, user, mailbox string, l Listing, only func(*query.Builder)) ([]hit, error) {
	q := query.New(`SELECT `+hitColumns+` FROM mail_message m WHERE m.mailbox = ?`, mailbox)
	if l.Folder != "" {
		q.Add(` AND m.folder = ?`, l.Folder)
	} else {
		q.Add(` AND m.folder NOT IN (SELECT id FROM mail_folder WHERE mailbox = ? AND special_use IN ('Junk', 'Trash'))`, mailbox)
	}
	l.states(q)
	l.taken(q, user)
	if l.After != "" {
		at, id, err := l.cursor()
		if err != nil {
			return nil, err
		}
		q.Add(` AND (m.received_at, m.id) < (?, ?)`, at, id)
	}
	only(q)
	list, err := query.All(ctx, b.db, scanHit, q)
	return slices.DeleteFunc(list, func(h hit) bool { return !h.fits(l.Find) }), err
}

// states are the conditions that need no words.
func (l Listing) states(q *query.Builder) {
	if l.Unseen || l.Find.Unseen {
		q.Add(` AND NOT m.seen`)
	}
	if l.Flagged || l.Find.Flagged {
		q.Add(` AND m.flagged`)
	}
	if l.Find.Attachment {
		q.Add(` AND m.attachments > 0`)
	}
	if l.Find.Label != "" {
		q.Add(` AND lower(' ' || m.keywords || ' ') LIKE ? ESCAPE '\'`, "% "+query.EscapeLike(strings.ToLower(imap.Keyword(l.Find.Label)))+" %")
	}
	if !l.Find.Since.IsZero() {
		q.Add(` AND m.received_at >= ?`, store.Micros(l.Find.Since))
	}
	if !l.Find.Until.IsZero() {
		q.Add(` AND m.received_at < ?`, store.Micros(l.Find.Until))
	}
}

// conversations are those of the messages found, each once, by their newest message that isn't thrown away.
func (b *Box) conversations(ctx context.Context, user string, l Listing, found []hit) (list []Conversation, err error) {
	told, err := b.told(ctx, user, l, found)
	if err != nil {
		return nil, err
	}
	for _, h := range found {
		if key := h.Mailbox + h.Thread; !told[key] {
			told[key] = true
			c, err := b.conversation(ctx, l, h)
			if err != nil {
				return nil, err
			}
			list = append(list, c)
		}
	}
	return list, nil
}

func (b *Box) conversation(ctx context.Context, l Listing, h hit) (c Conversation, err error) {
	q := query.New(`SELECT `+summaryColumns+`,
		(SELECT count(*) FROM mail_message c WHERE c.mailbox = m.mailbox AND c.thread = m.thread),
		(SELECT count(*) FROM mail_message c WHERE c.mailbox = m.mailbox AND c.thread = m.thread AND NOT c.seen), `+assignee+`
		FROM mail_message m WHERE m.mailbox = ? AND m.thread = ?`, h.Mailbox, h.Thread)
	if l.Folder != "" {
		q.Add(` AND m.folder = ?`, l.Folder)
	} else {
		q.Add(` AND m.folder NOT IN (SELECT id FROM mail_folder WHERE mailbox = ? AND special_use IN ('Junk', 'Trash'))`, h.Mailbox)
	}
	q.Add(` ORDER BY m.received_at + 0 DESC, m.id DESC LIMIT 1`) // see Box.Thread
	c.Summary, err = scanSummary(b.db.QueryRow(ctx, q.String(), q.Args...).Scan, &c.Count, &c.Unread, &c.Assignee)
	return c, err
}

// told are the conversations that pages before showed, as a later message of theirs fits, too.
func (b *Box) told(ctx context.Context, user string, l Listing, found []hit) (map[string]bool, error) {
	told := map[string]bool{}
	at, id, err := l.cursor()
	if l.After == "" || err != nil || len(found) == 0 {
		return told, err
	}
	before := l
	before.After = ""
	threads := map[string][]string{}
	for _, h := range found {
		threads[h.Mailbox] = append(threads[h.Mailbox], h.Thread)
	}
	for mailbox, list := range threads {
		hits, err := b.hits(ctx, user, mailbox, before, func(q *query.Builder) {
			q.Add(` AND (m.received_at, m.id) >= (?, ?) AND m.thread`, at, id).In(list)
		})
		if err != nil {
			return nil, fmt.Errorf("pages before: %w", err)
		}
		for _, h := range hits {
			told[h.Mailbox+h.Thread] = true
		}
	}
	return told, nil
}

// Messages lists messages the user may read. ErrNotFound when the folder or mailbox isn't the user's.
func (b *Box) Messages(ctx context.Context, user string, l Listing) (Page[Summary], error) {
	if l.finds() {
		found, err := b.found(ctx, user, l)
		p, err := page(found, l, err, func(h hit) Summary { return h.Summary })
		list := make([]Summary, len(p.Items))
		for i, h := range p.Items {
			list[i] = h.Summary
		}
		return Page[Summary]{Items: list, Next: p.Next}, err
	}
	where, args, err := b.filter(ctx, user, l)
	if err != nil {
		return Page[Summary]{}, err
	}
	rows, err := b.db.Query(ctx, `SELECT `+summaryColumns+` FROM mail_message m WHERE `+where+l.tail(), args...)
	list, err := store.Collect(rows, err, func(row store.Row) (Summary, error) { return scanSummary(row.Scan) })
	return page(list, l, err, func(s Summary) Summary { return s })
}

// Threads lists the conversations of a folder by their newest message there; Query may be in any message of theirs.
// ErrNotFound as Messages.
func (b *Box) Threads(ctx context.Context, user string, l Listing) (Page[Conversation], error) {
	if l.finds() {
		found, err := b.found(ctx, user, l)
		p, err := page(found, l, err, func(h hit) Summary { return h.Summary })
		if err != nil {
			return Page[Conversation]{}, err
		}
		list, err := b.conversations(ctx, user, l, p.Items)
		return Page[Conversation]{Items: list, Next: p.Next}, err
	}
	where, args, err := b.filter(ctx, user, l)
	if err != nil {
		return Page[Conversation]{}, err
	}
	rows, err := b.db.Query(ctx, `SELECT `+summaryColumns+`,
		(SELECT count(*) FROM mail_message c WHERE c.mailbox = m.mailbox AND c.thread = m.thread),
		(SELECT count(*) FROM mail_message c WHERE c.mailbox = m.mailbox AND c.thread = m.thread AND c.folder = m.folder AND NOT c.seen), `+assignee+`
		FROM mail_message m WHERE `+where+` AND NOT EXISTS (SELECT 1 FROM mail_message n WHERE n.mailbox = m.mailbox AND n.thread = m.thread
		AND n.folder = m.folder AND (n.received_at, n.id) > (m.received_at, m.id))`+l.tail(), args...)
	list, err := store.Collect(rows, err, func(row store.Row) (c Conversation, err error) {
		c.Summary, err = scanSummary(row.Scan, &c.Count, &c.Unread, &c.Assignee)
		return c, err
	})
	return page(list, l, err, func(c Conversation) Summary { return c.Summary })
}
