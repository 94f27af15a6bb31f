package web

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/live/livetest"
	"frontdesk/webrtc"
)

// crowd asks for so much in somebody's name that the next question is one too many, until the end of the test or off.
func (h *house) crowd(class store.Class, user string) (off func()) {
	h.t.Helper()
	ctx, leave := context.WithCancel(store.As(h.t.Context(), class, user))
	held, err := h.db.Query(ctx, `SELECT 1`)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { leave(); held.Close() })
	answers := make(chan error, 400)
	ask := func() {
		rows, err := h.db.Query(ctx, `SELECT 1`)
		answers <- err
		if err == nil {
			<-ctx.Done()
			rows.Close()
		}
	}
	full := func() bool { return len(answers) > 0 && errors.Is(<-answers, store.ErrTooMany) }
	for asked := 0; !full(); asked++ {
		if asked == cap(answers) {
			h.t.Fatal("one person's line has no end")
		}
		go ask()
		time.Sleep(time.Millisecond)
	}
	return func() { leave(); held.Close() }
}

// Who has asked for so much that his part of the database is used up is told so at once; others, and what belongs to a
// call, go on.
func TestScreensWaitForEachOther(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	seller, admin := h.asSeller(), h.asAdmin()
	leave := h.crowd(store.Screens, h.seller.ID)
	refused := seller.call("GET", api.Prefix+"/contacts", nil)
	refused.problem(http.StatusTooManyRequests)
	if refused.header.Get("Retry-After") == "" {
		t.Error("it is not said when to try again")
	}
	seller.call("POST", api.Prefix+"/calls/none/hangup", nil).want(http.StatusNotFound)
	page, _ := seller.open()
	if in := page.Do("call.hangup", object{"leg": "none"}); in.Error == nil || in.Error.Code != webrtc.CodeNotFound {
		t.Errorf("a tab's call: %+v", in)
	}
	leave()
	livetest.Await(t, "the line to end", func() bool {
		return seller.call("GET", api.Prefix+"/contacts",
			nil).status == http.StatusOK
	})
	admin.call("GET", api.Prefix+"/contacts", nil).want(http.StatusOK)
}

// Made-up log-ins wait behind each other: neither calls nor those who have logged in do.
func TestStrangersAreNobodysCompetition(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	seller := h.asSeller()
	var made NewToken
	seller.call("POST", api.Prefix+"/tokens", TokenInput{Name: "site"}).want(http.StatusCreated).into(&made)
	program, cookie, token := h.client(), h.client(), h.client()
	program.token, cookie.cookie, token.token = made.Secret, api.SessionCookie+"=made-up", "made-up"
	program.call("GET", api.Prefix+"/me", nil).want(http.StatusOK)
	leave := h.crowd(store.Strangers, guard.NetworkOf("127.0.0.1").String())
	for _, stranger := range []*client{cookie, token} {
		stranger.call("GET", api.Prefix+"/me", nil).problem(http.StatusTooManyRequests)
		if _, r, err := stranger.dial(""); err == nil || r.StatusCode != http.StatusTooManyRequests {
			t.Errorf("a stranger's live socket: %v", err)
		}
	}
	for _, known := range []*client{seller, program} {
		known.call("GET", api.Prefix+"/me", nil).want(http.StatusOK)
		known.open()
	}
	h.asSeller()
	leave()
	livetest.Await(t, "the line to end", func() bool {
		return token.call("GET", api.Prefix+"/me",
			nil).status == http.StatusUnauthorized
	})
	program.token = made.Secret
	seller.call("DELETE", api.Prefix+"/tokens/"+made.ID, nil).want(http.StatusNoContent)
	program.call("GET", api.Prefix+"/me", nil).problem(http.StatusUnauthorized)
	leave = h.crowd(store.Strangers, guard.NetworkOf("127.0.0.1").String())
	program.call("GET", api.Prefix+"/me", nil).problem(http.StatusTooManyRequests) // it waits with the strangers now
	leave()
}

// A stream of events outlives a moment in which the database has no room for it.
func TestStreamWaitsOutABusyMoment(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for _, class := range []store.Class{store.Doors, store.Screens} {
		leave := h.crowd(class, h.seller.ID)
		stream := stream{server: h.server, caller: api.Caller{User: h.seller, Token: "made-up"}}
		ctx := store.As(t.Context(), store.Screens, h.seller.ID)
		if err := stream.send(ctx); class == store.Screens && !store.IsBusy(err) {
			t.Errorf("the line is not full: %v", err)
		}
		if class == store.Doors && !stream.welcome(ctx) {
			t.Error("the stream ends because the database is busy")
		}
		leave()
		livetest.Await(t, "the line to end", func() bool { return stream.send(ctx) == nil && !stream.welcome(ctx) })
	}
}

func TestBusyIsSaidInWords(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for err, status := range map[error]int{store.ErrBusy: 503, store.ErrTooLong: 503, store.ErrTooMany: 429} {
		var got huma.StatusError
		var with huma.HeadersError
		answer := h.server.frame.Problem(t.Context(), err)
		if !errors.As(answer, &got) || got.GetStatus() != status || !errors.As(answer, &with) ||
			with.GetHeaders().Get("Retry-After") == "" {
			t.Errorf("%v: answered with %v", err, answer)
		}
	}
}
