package web

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Who has asked for so much that his part of the database is used up is told so at once; others, and what belongs to a call, go on.
func TestScreensWaitForEachOther(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	seller, admin := h.asSeller(), h.asAdmin()
	ctx, leave := context.WithCancel(store.As(t.Context(), store.Screens, h.seller.ID))
	held, err := h.db.Query(ctx, `SELECT 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	answers := make(chan error, 200)
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
		if asked == 100 {
			t.Fatal("one person's line has no end")
		}
		go ask()
		time.Sleep(time.Millisecond)
	}
	refused := seller.call("GET", prefix+"/contacts", nil)
	refused.problem(http.StatusTooManyRequests)
	if refused.header.Get("Retry-After") == "" {
		t.Error("it is not said when to try again")
	}
	seller.call("POST", prefix+"/calls/none/hangup", nil).want(http.StatusNotFound)
	leave()
	held.Close()
	await(t, "the line to end", func() bool { return seller.call("GET", prefix+"/contacts", nil).status == http.StatusOK })
	admin.call("GET", prefix+"/contacts", nil).want(http.StatusOK)
}

func TestBusyIsSaidInWords(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for err, status := range map[error]int{store.ErrBusy: 503, store.ErrTooLong: 503, store.ErrTooMany: 429} {
		var got huma.StatusError
		var with huma.HeadersError
		answer := h.server.problem(t.Context(), err)
		if !errors.As(answer, &got) || got.GetStatus() != status || !errors.As(answer, &with) || with.GetHeaders().Get("Retry-After") == "" {
			t.Errorf("%v: answered with %v", err, answer)
		}
	}
}
