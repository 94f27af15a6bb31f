package api

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/mail/limit"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	telephony "frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/webhook"
)

var (
	ErrNotFound = errors.New("not found")
	ErrNotYours = errors.New("this is somebody else's; ask them or an administrator")
)

// notThere is the answer about what does not exist and about what the asker may not see.
const notThere = "There is no such thing, or it is not yours to see: ask its responsible user or an administrator."

// StatusOf maps the errors of the rooms to HTTP; 0 for what is a fault of ours.
func StatusOf(err error) int {
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, pbx.ErrNotFound), errors.Is(err, crmcore.ErrNotFound),
		errors.Is(err, people.ErrForbidden), errors.Is(err, offer.ErrOff),
		errors.Is(err, mail.ErrNotFound), errors.Is(err, mail.ErrNoMailbox), errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, ErrNotYours), errors.Is(err, ErrOutside), errors.Is(err, mail.ErrNotOurs):
		return http.StatusForbidden
	case errors.Is(err, record.ErrConflict), errors.Is(err, directory.ErrInUse), errors.Is(err, directory.ErrChanged),
		errors.Is(err, mail.ErrExists), errors.Is(err, mail.ErrChanged), errors.Is(err, offer.ErrFixed),
		errors.Is(err, offer.ErrState):
		return http.StatusConflict
	case errors.Is(err, mail.ErrInvalid), errors.Is(err, mail.ErrSpecial), errors.Is(err, letter.ErrRecipients):
		return http.StatusUnprocessableEntity
	case errors.As(err, new(*limit.Over)):
		return http.StatusTooManyRequests
	case errors.Is(err, mail.ErrTooBig):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, mail.ErrQuota):
		return http.StatusInsufficientStorage
	}
	return 0
}

// Problem turns an error of a room into one of RFC 9457. What is a fault of ours is logged in full and named by the
// request's id only.
func (f *Frame) Problem(ctx context.Context, err error) error {
	var status huma.StatusError
	switch {
	case errors.As(err, &status):
		return err
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return huma.NewError(499, "the client went away")
	}
	if field, problem, ok := invalidOf(err); ok {
		return huma.Error422UnprocessableEntity(field+": "+problem,
			&huma.ErrorDetail{Message: problem, Location: "body." + field})
	}
	if answer := movedOn(ctx, err); answer != nil {
		return answer
	}
	switch code := StatusOf(err); code {
	case 0:
	case http.StatusNotFound: // one text for all, so that an id tells nobody what is another's
		return huma.Error404NotFound(notThere)
	default:
		return huma.NewError(code, err.Error())
	}
	if answer := f.tooBusy(ctx, err); answer != nil {
		return answer
	}
	id := VisitOf(ctx).ID
	if store.IsAway(err) || errors.Is(err, blob.ErrAway) {
		f.log.Error("request failed: the database or the store of contents is away", "request", id, "err", err)
		return huma.ErrorWithHeaders(
			huma.Error503ServiceUnavailable("This server can't reach its data right now. Try again in a moment."),
			http.Header{"Retry-After": {"5"}})
	}
	if store.IsRefused(err) {
		f.log.Warn("request refused by the database", "request", id, "err", err)
		return huma.Error422UnprocessableEntity("A value is longer than can be kept, or out of its range. It is in " +
			"the server's log as request " + id + ".")
	}
	f.log.Error("request failed", "request", id, "err", err)
	return huma.Error500InternalServerError("Something failed here. It is in the server's log as request " + id + ".")
}

// movedOn sends who asks for a record by the id that it had before it was merged to the one that stands; nil where it
// was not. Who deletes is not sent on.
func movedOn(ctx context.Context, err error) error {
	var moved *record.Moved
	v := VisitOf(ctx)
	if !errors.As(err, &moved) || v.Method != http.MethodGet && v.Method != http.MethodPatch {
		return nil
	}
	to := strings.Replace(v.URI, "/"+url.PathEscape(moved.From.ID), "/"+url.PathEscape(moved.To.ID), 1)
	if to == v.URI {
		return nil
	}
	return huma.ErrorWithHeaders(huma.NewError(http.StatusTemporaryRedirect, "It was merged into another record."),
		http.Header{"Location": {to}})
}

// tooBusy is the answer where the share of screens, or the time of a question, is used up; nil where it is not.
func (f *Frame) tooBusy(ctx context.Context, err error) error {
	status, why := http.StatusServiceUnavailable, ""
	switch {
	case errors.Is(err, store.ErrTooMany):
		status, why = http.StatusTooManyRequests, "You ask for too much at once. Wait for the answers, then try again."
	case errors.Is(err, store.ErrBusy):
		why = "This server has a lot to do; calls and mail go first. Try again in a moment."
	case errors.Is(err, store.ErrTooLong):
		why = "This took too long and was stopped. Ask for less: more letters in a search, a narrower filter. Or try " +
			"again in a moment."
	default:
		return nil
	}
	f.busy.WithLabelValues(strconv.Itoa(status)).Inc()
	f.log.Warn("request refused: the database is busy", "request", VisitOf(ctx).ID, "err", err)
	return huma.ErrorWithHeaders(huma.NewError(status, why), http.Header{"Retry-After": {"2"}})
}

// invalidOf tells which field of an input a room refused, and why.
func invalidOf(err error) (field, problem string, ok bool) {
	var crm *input.Invalid
	var phone *telephony.Invalid
	var hook *webhook.Invalid
	switch {
	case errors.As(err, &crm):
		return crm.Field, crm.Problem, true
	case errors.As(err, &phone):
		return phone.Field, phone.Problem, true
	case errors.As(err, &hook):
		return hook.Field, hook.Problem, true
	}
	return "", "", false
}

// WriteError writes what Problem makes of an error, where no operation of the API is at work.
func WriteError(w http.ResponseWriter, err error) {
	WriteProblem(w, headOf(err, w.Header().Set), err.Error())
}

// headOf is the status that a problem is answered with; set is called with each of its headers.
func headOf(err error, set func(name, value string)) int {
	var with huma.HeadersError
	if errors.As(err, &with) {
		for name, values := range with.GetHeaders() {
			set(name, values[0])
		}
	}
	var se huma.StatusError
	if errors.As(err, &se) {
		return se.GetStatus()
	}
	return http.StatusInternalServerError
}

// WriteProblem writes an error of RFC 9457 where no operation of the API is at work.
func WriteProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(&huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail})
}
