package timeline

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

func TestTitlesOfOurOwn(t *testing.T) {
	for want, m := range map[string]Made{
		"Stage: New → Won":                          {What: "deal_stage", From: "New", To: "Won"},
		"Stage: – → new":                            {What: "lead_stage", To: "new"},
		"Responsible: Ana → –":                      {What: "responsible", From: "Ana"},
		"Call back +40722000001":                    {What: "call_back", Name: "+40722000001"},
		"a@b.test of a client of –, entered by Ben": {What: "claimed", Name: "a@b.test", To: "Ben"},
	} {
		if got := m.title(); got != want {
			t.Errorf("%+v: %q, want %q", m, got, want)
		}
	}
}

func TestChannels(t *testing.T) {
	if got := ChannelNames(); got != "call, mail or meeting" {
		t.Error(got)
	}
	if got := kinds(Policy.waits); got != "'mail'" {
		t.Errorf("%s wait for an answer", got)
	}
	if got := kinds(func(p Policy) bool { return p.Leads }); got != "'call', 'mail'" {
		t.Errorf("%s make leads", got)
	}
	if Channel("fax").Policy() != (Policy{}) {
		t.Error("a channel that is none has a policy")
	}
}

// A cursor of a page leads to where it was given; what somebody made up is refused in words.
func TestCursors(t *testing.T) {
	a := Activity{ID: "a1", At: time.UnixMicro(1_700_000_000_123_456)}
	if at, id, err := readMoment(moment(a)); at != a.At.UnixMicro() || id != a.ID || err != nil {
		t.Error(at, id, err)
	}
	for _, cursor := range []string{"", "%", "YQ", "MQ"} {
		if _, _, err := readMoment(cursor); err == nil {
			t.Errorf("%q is taken", cursor)
		}
	}
}

func TestRecordsOfActivities(t *testing.T) {
	list := []Activity{{ID: "a"}, {ID: "b"}, {ID: "a"}}
	attach([]edge{{"a", record.Contact.Ref("c")}, {"a", record.Deal.Ref("d")}}, list)
	both := []record.Ref{record.Contact.Ref("c"), record.Deal.Ref("d")}
	if !slices.Equal(list[0].Entities, both) || !slices.Equal(list[2].Entities, both) || len(list[1].Entities) > 0 {
		t.Errorf("%+v", list)
	}
}

// closedLines lets a user read what came over one line, and invites him to one meeting.
type closedLines struct{ line, meeting string }

func (c closedLines) Open(_ context.Context, user string, lines []string) ([]string, error) {
	if user == "" || !slices.Contains(lines, c.line) {
		return nil, nil
	}
	return []string{c.line}, nil
}

func (c closedLines) Own(context.Context, string) ([]string, error) { return []string{c.line}, nil }

func (c closedLines) OpenTo(context.Context, string, []string) (map[string]bool, error) {
	return map[string]bool{c.meeting: true}, nil
}

// Of a mail of a closed mailbox its reader is told who and when, of a meeting without him not what it is called; a call
// and what people wrote here are never closed.
func TestWhatAReaderMaySee(t *testing.T) {
	house := closedLines{line: "ana@acme.test", meeting: "m1"}
	all := New(nil, house, house, nil)
	list := []Activity{
		{Kind: "mail", Line: "ana@acme.test", Title: "ours", Body: "text"},
		{Kind: "mail", Line: "boss@acme.test", Title: "secret", Body: "text", Address: "x@y.test", Source: "s", Made: &Made{}},
		{Kind: "call", Line: "boss", Title: "meeting", Source: "m2"},
		{Kind: "meeting", Title: "known", Source: "m1"},
		{Kind: "note", Title: "note", Source: "m2"},
	}
	admin := people.User{ID: "u", Role: people.Admin}
	if err := all.Show(t.Context(), admin, list); err != nil {
		t.Fatal(err)
	}
	if got := list[1]; got.Title+got.Body+got.Address+got.Source != "" || got.Made != nil || !got.Private {
		t.Errorf("of a closed mail is told: %+v", got)
	}
	if list[0].Body != "text" || list[0].Private || list[2].Title != "meeting" {
		t.Errorf("an admin is not told of %+v, %+v", list[0], list[2])
	}
	if err := all.untitle(t.Context(), people.User{ID: "u"}, [][]Activity{list}); err != nil {
		t.Fatal(err)
	}
	if list[2].Title != "" || list[3].Title != "known" || list[4].Title != "note" {
		t.Errorf("titles: %q, %q, %q", list[2].Title, list[3].Title, list[4].Title)
	}
	if closed, err := all.Closed(t.Context(), Mail, "ana@acme.test"); !closed || err != nil { // it is hers alone
		t.Errorf("Ana's line files for all: %v", err)
	}
	if closed, err := all.Closed(t.Context(), Call, "boss"); closed || err != nil {
		t.Errorf("a call is closed: %v", err)
	}
	open := []Activity{{Kind: "mail", Line: "boss@acme.test", Body: "text"}}
	if err := New(nil, nil, nil, nil).Show(t.Context(), admin, open); err != nil || open[0].Body != "text" {
		t.Errorf("where every line is open: %+v, %v", open, err)
	}
}
