package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/pbx/directory"
	"frontdesk/web/api"
)

// Credentials of a user.
type Credentials struct {
	Login    string `json:"login" maxLength:"320"`
	Password string `json:"password" maxLength:"200"`
}

// LoginInput is who wants in.
type LoginInput struct {
	Credentials
	Code string `json:"code,omitempty" maxLength:"40" doc:"Of the second factor, for who has one: of the app, or one for recovery"`
}

type loginInput struct{ Body LoginInput }

type loginOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      people.User
}

type logoutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// login starts a session. A wrong login, a wrong password, a wrong code and an inactive user are one answer, after the
// same work.
func (s *Server) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	v := api.VisitOf(ctx)
	name := strings.ToLower(strings.TrimSpace(in.Body.Login))
	if err := s.gate.Admit(ctx); err != nil { // before anything is said of the password
		return nil, s.outside(ctx, name, err)
	}
	user, err := s.check(ctx, v, name, in.Body.Password, &in.Body.Code)
	if errors.Is(err, people.ErrCredentials) {
		s.metrics.logins.WithLabelValues("refused").Inc()
		s.log.Warn("log-in refused", "request", v.ID, "ip", v.IP, "login", api.Cut(name, 100))
		if err := s.gate.Audit.LoggedIn(ctx, api.Cut(name, 100), "", http.StatusUnauthorized); err != nil {
			return nil, err
		}
		return nil, huma.Error401Unauthorized("The login, the password or the code is wrong.")
	}
	if err == nil {
		err = s.gate.Audit.LoggedIn(ctx, name, user.ID, http.StatusOK)
	}
	if err != nil {
		return nil, err
	}
	token, err := s.gate.Sessions.Start(ctx, user.ID, v)
	if err != nil {
		return nil, err
	}
	s.gate.Known.Note(api.Digest(token), user.ID)
	s.metrics.logins.WithLabelValues("ok").Inc()
	v.User = user.ID
	return &loginOutput{SetCookie: api.Cookie(v, token), Body: user}, nil
}

// outside writes down that somebody tried to log in where nobody may.
func (s *Server) outside(ctx context.Context, login string, err error) error {
	if errors.Is(err, api.ErrOutside) {
		s.metrics.logins.WithLabelValues("outside").Inc()
		err = errors.Join(s.gate.Audit.LoggedIn(ctx, api.Cut(login, 100), "", http.StatusForbidden), err)
	}
	return err
}

// check tells whose the password is, unless there were too many wrong ones (429). people.ErrCredentials for a wrong
// one, or a wrong code of who has a second factor; without a code (nil) that is not asked for.
func (s *Server) check(ctx context.Context, v *api.Visit, login, password string,
	code *string) (user people.User, err error) {
	from, _ := netip.ParseAddr(v.IP) // what is none is one source with all that is none
	attempt, err := s.deps.Logins.Try(ctx, from, login)
	var many *guard.TooMany
	if errors.As(err, &many) {
		s.metrics.logins.WithLabelValues("limited").Inc()
		return user, huma.ErrorWithHeaders(
			huma.Error429TooManyRequests("Too many wrong passwords. Wait a little and try again."),
			http.Header{"Retry-After": {strconv.Itoa(int(many.Wait.Seconds()) + 1)}})
	} else if err != nil {
		return user, err
	}
	defer attempt.End()
	user, err = s.deps.Core.Login(ctx, login, password)
	if code != nil && (err == nil || errors.Is(err, people.ErrCredentials)) {
		err = errors.Join(err, s.deps.Factors.Check(ctx, user.ID, *code)) // of nobody it is looked at, too
	}
	if errors.Is(err, secondfactor.ErrCode) {
		err = people.ErrCredentials
	}
	switch {
	case err == nil:
		attempt.Right()
	case errors.Is(err, people.ErrCredentials):
		attempt.Wrong()
	}
	return user, err
}

func (s *Server) logout(ctx context.Context, _ *api.None) (*logoutOutput, error) {
	c := api.CallerOf(ctx)
	if c.Session != "" {
		if err := s.gate.Sessions.End(ctx, c.Session); err != nil {
			return nil, err
		}
		s.hub.EndSession(c.Session)
	}
	return &logoutOutput{SetCookie: api.Cookie(api.VisitOf(ctx), "")}, nil
}

// logoutEverywhere ends what anybody may hold of the user's log-ins.
func (s *Server) logoutEverywhere(ctx context.Context, _ *api.None) (*logoutOutput, error) {
	if err := s.logOut(ctx, api.CallerOf(ctx).ID, ""); err != nil {
		return nil, err
	}
	return &logoutOutput{SetCookie: api.Cookie(api.VisitOf(ctx), "")}, nil
}

// logOut ends a user's API tokens, and his sessions and live sockets except those of one session ("" for none).
func (s *Server) logOut(ctx context.Context, user, except string) error {
	if err := s.deps.Core.EndTokens(ctx, user); err != nil {
		return err
	}
	if err := s.gate.Sessions.EndAll(ctx, user, except); err != nil {
		return err
	}
	s.hub.EndUser(user, except)
	return nil
}

// Me is who is logged in, and what is theirs.
type Me struct {
	User       people.User    `json:"user"`
	Mailboxes  []mail.Mailbox `json:"mailboxes" doc:"The user reads and sends as these; own ones first"`
	Extensions []string       `json:"extensions" doc:"Internal numbers that ring the user"`
	DeskPhone  bool           `json:"desk_phone" doc:"The user has a desk phone, which calls in the browser can go on at"`
	Demo       bool           `json:"demo"`
	Version    string         `json:"version"`
	Enrol      bool           `json:"enrol,omitempty" doc:"The company asks for a second factor and the user has none yet: until then he can do nothing else"`
}

func (s *Server) me(ctx context.Context, _ *api.None) (Me, error) {
	me := Me{User: api.UserOf(ctx), Demo: s.deps.Demo != nil, Version: s.cfg.Version,
		Enrol: api.CallerOf(ctx).Enrol}
	if me.Enrol {
		return me, nil
	}
	var err error
	if me.Mailboxes, err = s.deps.Mail.MailboxesOf(ctx, me.User.ID); err != nil {
		return me, err
	}
	phones, err := s.deps.Directory.Devices(ctx, me.User.ID)
	if err != nil {
		return me, err
	}
	me.DeskPhone = slices.ContainsFunc(phones, func(d directory.Device) bool { return !d.Off })
	me.Extensions, err = s.extensionsOf(ctx, me.User.ID)
	return me, err
}

// extensionsOf are the internal numbers that ring a user.
func (s *Server) extensionsOf(ctx context.Context, user string) ([]string, error) {
	all, err := s.deps.Directory.Extensions(ctx)
	var numbers []string
	for _, e := range all {
		if e.Kind == "user" && e.User == user {
			numbers = append(numbers, e.Number)
		}
	}
	return numbers, err
}

// PasswordChange needs the old password, so that an open browser is not enough.
type PasswordChange struct {
	Old string `json:"old" maxLength:"200"`
	New string `json:"new" minLength:"8" maxLength:"200"`
}

type passwordChange struct{ Body PasswordChange }

func (s *Server) changePassword(ctx context.Context, in *passwordChange) error {
	c := api.CallerOf(ctx)
	if _, err := s.check(ctx, api.VisitOf(ctx), c.Login, in.Body.Old, nil); errors.Is(err, people.ErrCredentials) {
		return huma.Error403Forbidden("The old password is wrong.")
	} else if err != nil {
		return err
	}
	if err := s.deps.Core.SetPassword(ctx, c.User, c.ID, in.Body.New); err != nil {
		return err
	}
	return s.logOut(ctx, c.ID, c.Session)
}

// NewToken is an API token just made.
type NewToken struct {
	people.Token
	Secret string `json:"secret" doc:"Shown only now"`
}

// TokenInput is an API token to be.
type TokenInput struct {
	Name    string       `json:"name" minLength:"1" maxLength:"200"`
	Scope   people.Scope `json:"scope,omitempty" enum:"read,write,admin" default:"write" doc:"read: GET alone; write: all but what only administrators may; admin: all that its user may. None makes tokens or sets passwords"`
	Expires time.Time    `json:"expires,omitzero" doc:"When it ends; left out: never"`
}

type tokenCreate struct{ Body TokenInput }

func (s *Server) listTokens(ctx context.Context, _ *api.None) (api.Page[people.Token], error) {
	u := api.UserOf(ctx)
	return api.List(s.deps.Core.Tokens(ctx, u, u.ID))
}

func (s *Server) createToken(ctx context.Context, in *tokenCreate) (NewToken, error) {
	u := api.UserOf(ctx)
	token, text, err := s.deps.Core.CreateToken(ctx, u,
		people.NewToken{User: u.ID, Name: in.Body.Name, Scope: in.Body.Scope, Expires: in.Body.Expires})
	return NewToken{token, text}, err
}

func (s *Server) deleteToken(ctx context.Context, in *api.ByID) error {
	token, err := s.deps.Core.DeleteToken(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return err
	}
	s.hub.EndTokens(token.User)
	return nil
}
