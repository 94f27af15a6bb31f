package web

import (
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// authenticate lets through those an operation is for, and tells its handler who asks.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	need, _ := ctx.Operation().Metadata["access"].(access)
	if need == anyone {
		next(ctx)
		return
	}
	var cookie string
	if c, err := huma.ReadCookie(ctx, sessionCookie); err == nil {
		cookie = c.Value
	}
	c, err := s.identify(ctx.Context(), ctx.Header("Authorization"), cookie)
	switch {
	case errors.Is(err, errNobody):
		ctx.SetHeader("WWW-Authenticate", `Bearer realm="frontdesk"`)
		huma.WriteErr(s.api, ctx, http.StatusUnauthorized, "Log in first.")
	case err != nil:
		s.refuse(ctx, s.problem(ctx.Context(), err))
	case need == admins && !isAdmin(c.User):
		huma.WriteErr(s.api, ctx, http.StatusForbidden, "Only an administrator may do this.")
	default:
		visitOf(ctx.Context()).user = c.ID
		next(huma.WithValue(ctx, callerKey{}, c))
	}
}

func (s *Server) refuse(ctx huma.Context, err error) {
	status := http.StatusInternalServerError
	var se huma.StatusError
	if errors.As(err, &se) {
		status = se.GetStatus()
	}
	var with huma.HeadersError
	if errors.As(err, &with) {
		for name, values := range with.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
	}
	huma.WriteErr(s.api, ctx, status, err.Error())
}
