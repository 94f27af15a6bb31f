package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// authenticate lets through those an operation is for, and tells its handler who asks.
func (f *Frame) authenticate(ctx huma.Context, next func(huma.Context)) {
	need, _ := ctx.Operation().Metadata["access"].(access)
	class, _ := ctx.Operation().Metadata["class"].(store.Class)
	if need == Anyone {
		next(huma.WithContext(ctx, store.As(ctx.Context(), class, "")))
		return
	}
	var cookie string
	if c, err := huma.ReadCookie(ctx, SessionCookie); err == nil {
		cookie = c.Value
	}
	c, err := f.Gate.Identify(ctx.Context(), ctx.Header("Authorization"), cookie)
	switch {
	case errors.Is(err, ErrNobody):
		ctx.SetHeader("WWW-Authenticate", `Bearer realm="frontdesk"`)
		huma.WriteErr(f.API, ctx, http.StatusUnauthorized, "Log in first.")
	case err != nil:
		f.refuse(ctx, f.Problem(ctx.Context(), err))
	case need == Admins && !IsAdmin(c.User):
		huma.WriteErr(f.API, ctx, http.StatusForbidden, "Only an administrator may do this.")
	case c.Enrol && !enrolling(ctx.Operation()):
		huma.WriteErr(f.API, ctx, http.StatusForbidden,
			"Your company asks for a second factor: set yours up first, with an app on your phone.")
	case !c.within(ctx.Operation()):
		huma.WriteErr(f.API, ctx, http.StatusForbidden,
			"This token may not do that: it takes one of a wider scope or, for log-ins, tokens and passwords, "+
				"a log-in.")
	default:
		VisitOf(ctx.Context()).User = c.ID
		f.noted(huma.WithContext(ctx, store.As(WithCaller(through(ctx.Context(), c), c), class, c.ID)), c, next)
	}
}

// enrolling tells whether an operation is for who has no second factor yet and needs one, too.
func enrolling(op *huma.Operation) bool {
	enrols, _ := op.Metadata["enrols"].(bool)
	return enrols
}

// through is the context of what a caller changes.
func through(ctx context.Context, c Caller) context.Context {
	if c.Token == "" {
		return ctx
	}
	return timeline.Through(ctx, timeline.ByAPI)
}

// within tells whether an operation is in the scope of the token used, if one is.
func (c Caller) within(op *huma.Operation) bool {
	need, _ := op.Metadata["access"].(access)
	personal, _ := op.Metadata["personal"].(bool)
	switch {
	case c.Token == "":
		return true
	case personal:
		return false
	case c.Scope == people.ScopeAdmin:
		return true
	}
	return need != Admins && (c.Scope == people.ScopeWrite || op.Method == http.MethodGet)
}

// NoKeys refuses an API token that would make a log-in, of whatever kind: that would outlive the token. In the demo,
// whose passwords everybody knows, it may.
func NoKeys(ctx context.Context, demo bool) error {
	if demo || CallerOf(ctx).Token == "" {
		return nil
	}
	return huma.Error403Forbidden("An API token makes no log-ins and sets no passwords: log in for that.")
}

func (f *Frame) refuse(ctx huma.Context, err error) {
	huma.WriteErr(f.API, ctx, headOf(err, ctx.SetHeader), err.Error())
}

// audited tells of what kind the act of a request is. What only administrators may change always is one; of a sound
// that is read in pieces, its beginning.
func audited(ctx huma.Context) Audited {
	op := ctx.Operation()
	kind, _ := op.Metadata["audit"].(Audited)
	if kind == AuditRecording {
		if r := ctx.Header("Range"); r != "" && !strings.HasPrefix(r, "bytes=0-") {
			return ""
		}
	}
	need, _ := op.Metadata["access"].(access)
	if kind == "" && need == Admins && op.Method != http.MethodGet {
		return AuditSettings
	}
	return kind
}

// noted runs an operation, written down if it is an act that matters for security.
func (f *Frame) noted(ctx huma.Context, c Caller, next func(huma.Context)) {
	kind := audited(ctx)
	if kind == "" {
		next(ctx)
		return
	}
	v := VisitOf(ctx.Context())
	end, err := f.Gate.Audit.begin(ctx.Context(), AuditEntry{Kind: kind, Act: ctx.Operation().OperationID,
		About: ctx.URL().Path, User: c.ID, Token: c.Token != "", IP: v.IP, Agent: v.Agent})
	if err != nil {
		f.refuse(ctx, f.Problem(ctx.Context(), err))
		return
	}
	next(ctx)
	end(cmp.Or(ctx.Status(), http.StatusOK)) // of what streams nobody set it
}
