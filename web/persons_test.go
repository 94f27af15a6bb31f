package web

import (
	archive "archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/timeline"
	"frontdesk/intake/person"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// A client of whom every room knows something.
const (
	hisName    = "Zoltán Kovácsik"
	hisNumber  = "+40722987123"
	hisAddress = "zoltan.kovacsik@clients.test"
)

// traced makes that client: typed twice and merged, converted from a lead, imported, called, recorded, written to, with
// deals, tasks and notes. It gives the id of his contact.
func (h *house) traced() string {
	h.t.Helper()
	c := h.asAdmin()
	c.call("POST", "/api/v1/pipelines",
		object{"name": "Sales", "stages": []object{{"name": "New", "kind": "open"}}}).want(http.StatusCreated)
	var one, two crmcore.Contact
	c.call("POST", "/api/v1/contacts", object{"name": hisName, "phones": []string{hisNumber},
		"comment": "Knows " + hisName}).want(http.StatusCreated).into(&one)
	c.call("POST", "/api/v1/contacts", object{"name": hisName, "emails": []string{hisAddress}}).
		want(http.StatusCreated).into(&two)
	c.call("PATCH", "/api/v1/contacts/"+two.ID, object{"position": "Head of " + hisName}).want(http.StatusOK)
	c.call("POST", "/api/v1/merges", object{"kind": "contact", "ids": []string{one.ID, two.ID}}).
		want(http.StatusCreated)
	ref := object{"kind": "contact", "id": one.ID}
	c.call("POST", "/api/v1/notes", object{"entity": ref, "body": hisName + " likes tea"}).want(http.StatusCreated)
	c.call("POST", "/api/v1/tasks", object{"entity": ref, "title": "Call " + hisName}).want(http.StatusCreated)
	c.call("POST", "/api/v1/deals", object{"title": "Roof for " + hisName, "contact": one.ID}).want(http.StatusCreated)
	h.imported(c)
	h.called(one.ID)
	h.wrote()
	return one.ID
}

// imported has a file of his be brought in, whose line is skipped as known.
func (h *house) imported(c *client) {
	h.t.Helper()
	imports := importing.New(h.db, h.core)
	i, err := imports.Add(h.t.Context(), h.admin, "contact", "people.csv",
		[]byte("Name,Phone\n"+hisName+",0722 987 123\nSomebody Else,0722 000 000\n"))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.db.Exec(h.t.Context(), `INSERT INTO import_result (import, line, kind, outcome, record, stamp, before, problem)
		VALUES ($1, 1, 'contact', 'failed', '', 0, $2, $3)`, i.ID, `{"name":"`+hisName+`"}`,
		hisName+" is there already"); err != nil {
		h.t.Fatal(err)
	}
}

// called has him call: recorded, written down, with a voice message, and told to another program.
func (h *house) called(contact string) {
	h.t.Helper()
	ctx := h.t.Context()
	a, _ := address.ParsePhone(hisNumber, "RO")
	if _, err := h.core.Receive(ctx, crmcore.Touch{Channel: timeline.Call, Phase: timeline.Ended, Key: "k1",
		Source: "call1", Incoming: true, Client: a, Name: hisName, Line: "+40310000000",
		Users: []string{h.admin.ID}, At: time.Now(), Outcome: "missed"}); err != nil {
		h.t.Fatal(err)
	}
	blob, _, err := h.box.PutBlob(ctx, strings.NewReader("RIFF sound"))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, statement := range []store.Statement{
		{Query: `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk,
			started_at, answered_at, ended_at, seen_at, outcome, cause)
			VALUES ('call1', 'n', 0, 'in', $1, $2, '+40310000000', '', '', '', 1, 2, 3, 3, 'answered', '')`,
			Args: []any{hisNumber, hisName}},
		{Query: `INSERT INTO recording (id, call, at, length, size, blob, peaks) VALUES ('rec1', 'call1', 1, 1, 1, $1, '[]')`,
			Args: []any{blob}},
		{Query: `INSERT INTO transcript (recording, state, spans, error, summary, steps) VALUES ('rec1', 'done', 1, '', $1, '[]')`,
			Args: []any{hisName + " wants a roof"}},
		{Query: `INSERT INTO transcript_line (recording, span, channel, begins, ends, text) VALUES ('rec1', 0, 1, 0, 1, $1)`,
			Args: []any{"My name is " + hisName}},
		{Query: `INSERT INTO voicemail (id, box, call, from_number, from_name, at, length, blob, heard_at, heard_by, peaks)
			VALUES ('vm1', 'b', 'call0', $1, $2, 1, 1, $3, 0, '', '[]')`, Args: []any{hisNumber, hisName, blob}},
		{Query: `INSERT INTO calling_item (id, list, record, position, state, due, promised, tries, reached, agent, lease,
			call, answered, changed_at) VALUES ('i', 'l', $1, 0, 'open', 0, '', 0, FALSE, '', 0, '', FALSE, 0)`,
			Args: []any{contact}},
		{Query: `INSERT INTO webhook_delivery (id, webhook, seq, type, body, state, attempts, status, trouble, answer, took,
			next_at, since, claim, claimed_until, created_at, tried_at) VALUES ('d', 'w', 1, 'call.ended', $1, 'delivered', 1, 200, '',
			'', 0, 0, 0, '', 0, 0, 0)`, Args: []any{`{"from":"` + hisNumber + `"}`}},
	} {
		if _, err := h.db.Exec(ctx, statement.Query, statement.Args...); err != nil {
			h.t.Fatalf("%s: %v", statement.Query, err)
		}
	}
}

// wrote has him write to a shared mailbox, and be answered.
func (h *house) wrote() {
	h.t.Helper()
	ctx := h.t.Context()
	if _, err := h.box.CreateDomain(ctx, "ours.test"); err != nil {
		h.t.Fatal(err)
	}
	box, err := h.box.CreateMailbox(ctx, mail.Mailbox{Address: "office@ours.test", Users: []string{h.admin.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	text := "From: " + hisName + " <" + hisAddress + ">\r\nTo: office@ours.test\r\nSubject: Roof of Kovácsik\r\n" +
		"Message-ID: <1@clients.test>\r\n\r\nI am " + hisName + "\r\n"
	blob, size, err := h.box.PutBlob(ctx, strings.NewReader(text))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.box.Deliver(ctx, mail.Delivery{Blob: blob, Size: size, EnvelopeFrom: hisAddress,
		To: []mail.Recipient{{Mailbox: box.ID, Address: box.Address}}}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.box.Index(ctx); err != nil {
		h.t.Fatal(err)
	}
	a, _ := address.ParseEmail(hisAddress)
	if _, err := h.core.Receive(ctx, crmcore.Touch{Channel: timeline.Mail, Phase: timeline.Ended,
		Key: "<1@clients.test> x", Incoming: true, Client: a, Name: hisName, Line: "office@ours.test",
		Users: []string{h.admin.ID}, At: time.Now(),
		Subject: "Roof of Kovácsik", Snippet: "I am " + hisName, MessageID: "1@clients.test",
		Verified: true}); err != nil {
		h.t.Fatal(err)
	}
}

// lines are all rows of all tables that have one of the texts, whatever its case, or its digits read backwards.
func (h *house) lines(texts ...string) (found []string) {
	h.t.Helper()
	ctx := h.t.Context()
	ask := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if h.db.Dialect() == store.PostgreSQL {
		ask = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	tables, err := query.All(ctx, h.db, query.Text, query.New(ask))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := h.db.Query(ctx, "SELECT * FROM "+table)
		if err != nil {
			h.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			h.t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				h.t.Fatal(err)
			}
			for i, v := range values {
				if b, bytes := v.([]byte); bytes {
					v = string(b)
				}
				text := strings.ToLower(fmt.Sprint(v))
				if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(text, t) }) {
					found = append(found, table+"."+columns[i]+": "+text)
				}
			}
		}
		if err := rows.Err(); err != nil {
			h.t.Fatal(err)
		}
		rows.Close()
	}
	return found
}

// Of an erased person no table has name, number or address, in any form; what is others' is as it was. Before, all of
// it was handed out.
func TestErasedPersonIsNowhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		id := h.traced()
		c := h.asAdmin()
		var other crmcore.Contact
		c.call("POST", "/api/v1/contacts", object{"name": "Zoltán Other", "phones": []string{"+40722000000"}}).
			want(http.StatusCreated).into(&other)
		traces := []string{"kovácsik", "kovacsik", "722987123", "321789227", "zoltan.kov"}
		if before := h.lines(traces...); len(before) < 20 {
			t.Fatalf("before: %q", before)
		}
		at, of := "/api/v1/persons/contact/"+id, object{}
		h.asSeller().call("POST", at+"/find", of).problem(http.StatusForbidden)
		var found person.Found
		c.call("POST", at+"/find", of).want(http.StatusOK).into(&found)
		if found.Calls != 1 || found.Recordings != 1 || found.Messages != 1 || found.Mails != 1 || found.Entries < 4 {
			t.Errorf("found %+v", found)
		}
		h.handedOut(c, at+"/file")
		of["name"] = "Somebody"
		c.call("POST", at+"/erase", of).problem(http.StatusUnprocessableEntity)
		of["name"] = hisName
		c.call("POST", at+"/erase", of).want(http.StatusOK)
		if left := h.lines(traces...); len(left) > 0 {
			t.Errorf("left:\n%s", strings.Join(left, "\n"))
		}
		c.call("GET", "/api/v1/contacts/"+id, nil).problem(http.StatusNotFound)
		calls, err := query.All(t.Context(), db, query.Text, query.New("SELECT outcome FROM call_record"))
		if err != nil || len(calls) != 1 {
			t.Errorf("calls: %v", calls)
		}
		if rest := h.lines("somebody else", "zoltán other"); len(rest) < 2 {
			t.Errorf("of others: %q", rest)
		}
		if deals := read[struct{ Items []crmcore.Deal }](c, "/api/v1/deals").Items; len(deals) != 1 ||
			deals[0].Title != "Roof for …" || deals[0].Contact != "" {
			t.Errorf("his deal: %+v", deals)
		}
	})
}

// handedOut checks a person's file.
func (h *house) handedOut(c *client, path string) {
	h.t.Helper()
	data := c.call("GET", path, nil).want(http.StatusOK).body
	file, err := archive.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for _, f := range file.File {
		name, _, _ := strings.Cut(f.Name, "/")
		names = append(names, name)
	}
	for _, want := range []string{"person.json", "records.json", "timeline.json", "calls.json", "mails", "recordings",
		"voicemail"} {
		if !slices.Contains(names, want) {
			h.t.Errorf("no %s in %v", want, names)
		}
	}
}
