package recording

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/media/record"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// The first rule that a call fits decides, and without one nothing is recorded.
func TestPolicy(t *testing.T) {
	p := Policy{Rules: []Rule{
		{Users: []string{"boss"}, Record: Never},
		{Direction: "in", Lines: []string{"+40311"}, Record: Always, Announce: true},
		{Direction: "out", Record: Asked},
	}}
	for _, c := range []struct {
		Call
		want string
	}{
		{Call{"in", "+40311", []string{"ana"}}, Always},
		{Call{"in", "+40311", []string{"ana", "boss"}}, Never},
		{Call{"in", "+40399", []string{"ana"}}, Never},
		{Call{"out", "+40399", []string{"ana"}}, Asked},
		{Call{"internal", "", []string{"ana", "ion"}}, Never},
	} {
		if got := p.For(c.Call).Record; got != c.want {
			t.Errorf("%+v: %s", c.Call, got)
		}
	}
	if got := (Policy{}).For(Call{Direction: "in"}).Record; got != Never {
		t.Errorf("without a policy: %s", got)
	}
}

// house has recordings over a real recorder.
type house struct {
	*Recordings
	t        *testing.T
	db       *store.DB
	recorder *record.Recorder
}

func open(t *testing.T, db *store.DB) *house {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{New(db, blobs), t, db, nil}
	if h.recorder, err = record.Open(t.TempDir(), slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err != nil {
		t.Fatal(err)
	}
	h.recorder.Handle(Kind, h.Keep)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.recorder.Run(ctx); close(done) }()
	t.Cleanup(func() { h.recorder.Close(); stop(); <-done })
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// call is one of a user, that says something loud, and its recording.
func (h *house) call(id, user string, loud byte) Recording {
	h.t.Helper()
	h.exec(`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, line, trunk, meeting,
		started_at, answered_at, ended_at, seen_at, outcome, cause) VALUES ($1, '', 0, 'in', '', '', '', '', '', '', 1, 1, 1, 1, '', '')`, id)
	h.exec(`INSERT INTO call_user (call, user_id, role, position) VALUES ($1, $2, 'took', 0)`, id, user)
	tape, err := h.recorder.Begin(Kind, "tape-"+id, About{ID: "r-" + id, Call: id})
	h.must(err)
	sink := tape.Sink(Theirs, media.PCMA())
	for i := range 5 {
		p := &media.Packet{Header: rtp.Header{Timestamp: uint32(160 * i)}, Payload: make([]byte, 160)}
		for at := range p.Payload {
			p.Payload[at] = loud
		}
		sink.WriteRTP(p)
	}
	tape.End()
	return h.wait(id)
}

func (h *house) wait(call string) Recording {
	h.t.Helper()
	var all []Recording
	testwait.Until(h.t, "the recording of "+call, func() bool {
		all = h.heardBy("admin", call)
		return len(all) > 0
	})
	return all[0]
}

func (h *house) exec(text string, args ...any) {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), text, args...)
	h.must(err)
}

// reader may hear his own calls, "admin" all.
func reader(user string) Reader {
	return Reader{user, func(column string) func(*query.Builder) {
		return func(q *query.Builder) {
			if user == "admin" {
				q.Add("TRUE")
				return
			}
			q.Add(column+" = ?", user)
		}
	}}
}

func (h *house) heardBy(user, call string) []Recording {
	h.t.Helper()
	all, err := h.OfCalls(h.t.Context(), reader(user), []string{call})
	h.must(err)
	return all
}

// A recording is heard by whom it is open to, which is written down; others don't know of it.
func TestListening(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, h := t.Context(), open(t, db)
		made := h.call("c1", "ana", 0x2A)
		if made.Call != "c1" || made.Seconds < 0.09 || made.Seconds > 0.6 || len(made.Peaks) != 2 || made.Size == 0 {
			t.Errorf("%+v", made)
		}
		if len(h.heardBy("ana", "c1")) != 1 || len(h.heardBy("ion", "c1")) != 0 {
			t.Error("who may hear it")
		}
		if _, _, err := h.Open(ctx, reader("ion"), made.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a colleague's: %v", err)
		}
		for range 2 {
			_, file, err := h.Open(ctx, reader("ana"), made.ID)
			h.must(err)
			sound, err := io.ReadAll(file)
			h.must(errors.Join(err, file.Close()))
			if string(sound[:4]) != "RIFF" || int64(len(sound)) != made.Size {
				t.Errorf("%d bytes", len(sound))
			}
		}
		heard, err := h.Heard(ctx, made.ID)
		h.must(err)
		if len(heard) < 1 || len(heard) > 2 || heard[0].User != "ana" || time.Since(heard[0].At) > 2*time.Minute {
			t.Errorf("heard %+v", heard)
		}
	})
}

// A recording goes when its days are over, when its client is forgotten, or by an admin's hand; its content is let go
// of only when no other has the same.
func TestGoing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, h := t.Context(), open(t, db)
		old, kept, client, other := h.call("c1", "ana", 1), h.call("c2", "ana", 2), h.call("c3", "ana", 3),
			h.call("c4", "ana", 4)
		_, _, err := h.Open(ctx, reader("ana"), old.ID)
		h.must(err)
		h.must(h.SavePolicy(ctx, Policy{Days: 30}))
		h.exec(`UPDATE recording SET at = $2 WHERE id = $1`, old.ID, store.Micros(time.Now().AddDate(0, 0, -31)))
		if gone, err := h.Expire(ctx); err != nil || gone != 1 {
			t.Errorf("%d expired, %v", gone, err)
		}
		h.must(h.Erase(ctx, []string{"c3", "unknown"}))
		h.must(h.Delete(ctx, other.ID))
		if err := h.Delete(ctx, other.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("again: %v", err)
		}
		for id, want := range map[string]int{"c1": 0, "c2": 1, "c3": 0, "c4": 0} {
			if n := len(h.heardBy("admin", id)); n != want {
				t.Errorf("%s: %d", id, n)
			}
		}
		var dropped, heard int
		h.must(db.QueryRow(ctx, `SELECT count(*) FROM mail_dropped`).Scan(&dropped))
		h.must(db.QueryRow(ctx, `SELECT count(*) FROM recording_heard`).Scan(&heard))
		if dropped != 3 || heard != 0 {
			t.Errorf("%d contents dropped, %d still heard", dropped, heard)
		}
		for blob, want := range map[string]bool{kept.blob: true, client.blob: false} {
			if uses, err := h.Uses(ctx, blob); err != nil || uses != want {
				t.Errorf("uses %v, %v", uses, err)
			}
		}
	})
}

// A policy that can't be followed is refused, with the field.
func TestPolicyIsChecked(t *testing.T) {
	db := storetest.SQLite(t)
	h := open(t, db)
	for _, p := range []Policy{{}, {Days: 4000}, {Days: 1, Rules: []Rule{{Record: "x"}}},
		{Days: 1, Rules: []Rule{{Record: Always, Direction: "up"}}}} {
		var wrong *input.Invalid
		if err := h.SavePolicy(t.Context(), p); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if p, err := h.Policy(t.Context()); err != nil || p.Days != defaultDays || len(p.Rules) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
