package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/importing/sheet"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/web/api"
)

func (s *Server) routeSecurity(f *api.Frame) {
	own := func(pattern, summary string) api.Route {
		r := api.Route{Tag: "Log-in", Access: api.Users, Pattern: pattern, Summary: summary, Person: true, Enrols: true,
			Audit: api.AuditAccount}
		return r
	}
	status := own("GET /me/second-factor", "Whether one has a second factor")
	status.Audit = ""
	api.Add(f, status, s.ownFactor)
	api.Add(f, own("POST /me/second-factor", "Begin with a second factor: what an app is set up by"), s.beginFactor)
	api.Add(f, own("POST /me/second-factor/confirm", "Switch it on by a first code; recovery codes are shown only now"),
		s.confirmFactor)
	api.Add(f, own("POST /me/second-factor/recovery", "New recovery codes; those before are void"), s.renewRecovery)
	api.Do(f, own("POST /me/second-factor/off", "Switch it off, unless the company asks for it"), s.factorOff)
	api.Do(f, api.Route{Tag: "People", Access: api.Admins, Audit: api.AuditPeople, Person: true,
		Pattern: "DELETE /users/{id}/second-factor",
		Summary: "Take the second factor of who lost it; the user's sessions and API tokens end"}, s.takeFactor)
	api.Add(f, api.Route{Tag: "Security", Access: api.Admins, Pattern: "GET /security",
		Summary: "Who has to have a second factor, and how long it is known who did what"}, s.getSecurity)
	api.Add(f, api.Route{Tag: "Security", Access: api.Admins, Pattern: "PUT /security", Person: true,
		Summary: "Change that"}, s.putSecurity)
	api.Add(f, api.Route{Tag: "Security", Access: api.Admins, Pattern: "GET /audit",
		Summary: "Who did what that matters for security, the latest first"}, s.listAudit)
	api.Raw(f, api.Route{Tag: "Security", Access: api.Admins, Pattern: "GET /audit.csv", Audit: api.AuditData,
		Streams: "text/csv", Summary: "The same as a file"}, s.auditFile)
}

// FactorCode is a code of a second factor.
type FactorCode struct {
	Code string `json:"code" maxLength:"40" doc:"Of the app, or one for recovery"`
}

// Proof is what an open browser is not enough for.
type Proof struct {
	Password string `json:"password" maxLength:"200"`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Of the second factor, for who has one"`
}

// RecoveryCodes are for who lost his phone, each for once.
type RecoveryCodes struct {
	Codes []string `json:"codes" doc:"Shown only now"`
}

type (
	proofInput  struct{ Body Proof }
	factorInput struct{ Body FactorCode }
	policyInput struct{ Body secondfactor.Policy }
	auditQuery  struct {
		api.Paging
		api.AuditFilter
	}
	auditFileQuery struct{ api.AuditFilter }
)

func (s *Server) ownFactor(ctx context.Context, _ *api.None) (secondfactor.Status, error) {
	return s.deps.Factors.Of(ctx, api.UserOf(ctx))
}

// prove checks who sits at an open browser.
func (s *Server) prove(ctx context.Context, p Proof) error {
	_, err := s.check(ctx, api.VisitOf(ctx), api.UserOf(ctx).Login, p.Password, &p.Code)
	if errors.Is(err, people.ErrCredentials) {
		return huma.Error403Forbidden("The password or the code is wrong.")
	}
	return err
}

func (s *Server) beginFactor(ctx context.Context, in *proofInput) (out secondfactor.Setup, err error) {
	if err := s.prove(ctx, in.Body); err != nil {
		return out, err
	}
	settings, err := s.settings(ctx)
	if err != nil {
		return out, err
	}
	return s.deps.Factors.Begin(ctx, api.UserOf(ctx), settings.Company)
}

func (s *Server) confirmFactor(ctx context.Context, in *factorInput) (out RecoveryCodes, err error) {
	c := api.CallerOf(ctx)
	out.Codes, err = s.deps.Factors.Confirm(ctx, c.ID, in.Body.Code)
	if errors.Is(err, secondfactor.ErrCode) {
		return out, huma.Error403Forbidden("The code is wrong: check that the clock of your phone is right.")
	}
	if err != nil {
		return out, err
	}
	// who else is logged in as this user proves himself anew
	return out, s.logOut(ctx, c.ID, c.Session)
}

func (s *Server) renewRecovery(ctx context.Context, in *proofInput) (out RecoveryCodes, err error) {
	if err := s.prove(ctx, in.Body); err != nil {
		return out, err
	}
	u := api.UserOf(ctx)
	on, err := s.deps.Factors.On(ctx, u.ID)
	if err == nil && !on {
		err = huma.Error422UnprocessableEntity("Set up the second factor first.")
	}
	if err != nil {
		return out, err
	}
	out.Codes, err = s.deps.Factors.Renew(ctx, u.ID)
	return out, err
}

func (s *Server) factorOff(ctx context.Context, in *proofInput) error {
	u := api.UserOf(ctx)
	if err := s.prove(ctx, in.Body); err != nil {
		return err
	}
	policy, err := s.deps.Factors.Policy(ctx)
	if err != nil {
		return err
	}
	if policy.Demands(u.Role) {
		return huma.Error422UnprocessableEntity("Your company asks for a second factor: it can't be switched off.")
	}
	return s.deps.Factors.Off(ctx, u.ID)
}

// takeFactor is for who lost phone and codes: he logs in with his password alone, and sets up another.
func (s *Server) takeFactor(ctx context.Context, in *api.ByID) error {
	if _, err := s.deps.Core.User(ctx, in.ID); err != nil {
		return err
	}
	if err := s.deps.Factors.Off(ctx, in.ID); err != nil {
		return err
	}
	return s.logOut(ctx, in.ID, "")
}

func (s *Server) getSecurity(ctx context.Context, _ *api.None) (secondfactor.Policy, error) {
	return s.deps.Factors.Policy(ctx)
}

func (s *Server) putSecurity(ctx context.Context, in *policyInput) (secondfactor.Policy, error) {
	return in.Body, s.deps.Factors.SetPolicy(ctx, api.UserOf(ctx), api.VisitOf(ctx).IP, in.Body)
}

func (s *Server) listAudit(ctx context.Context, in *auditQuery) (api.Page[api.AuditEntry], error) {
	return s.gate.Audit.List(ctx, in.AuditFilter, in.Paging)
}

const (
	maxAuditFile = 50_000 // lines
	auditPart    = 1000
)

// auditFile is written whole before the first byte is sent.
func (s *Server) auditFile(ctx context.Context, in *auditFileQuery) (*api.StreamOutput, error) {
	var file bytes.Buffer
	file.WriteString("\ufeff")
	out := csv.NewWriter(&file)
	out.Write([]string{"at", "kind", "act", "about", "user", "token", "status", "ip", "agent"})
	names, err := s.logins(ctx)
	if err != nil {
		return nil, err
	}
	page := api.Paging{Limit: auditPart}
	for n := 0; n < maxAuditFile; n += auditPart {
		part, err := s.gate.Audit.List(ctx, in.AuditFilter, page)
		if err != nil {
			return nil, err
		}
		for _, e := range part.Items {
			out.Write([]string{e.At.UTC().Format(time.RFC3339), string(e.Kind), e.Act, sheet.Guarded(e.About),
				sheet.Guarded(names[e.User]), strconv.FormatBool(e.Token), strconv.Itoa(e.Status), e.IP,
				sheet.Guarded(e.Agent)})
		}
		if page.After = part.Next; page.After == "" {
			break
		}
	}
	out.Flush()
	return &api.StreamOutput{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", "text/csv; charset=utf-8")
		to.SetHeader("Content-Disposition", `attachment; filename="audit.csv"`)
		to.SetStatus(http.StatusOK)
		to.BodyWriter().Write(file.Bytes())
	}}, nil
}

// logins of all users, by id.
func (s *Server) logins(ctx context.Context) (map[string]string, error) {
	users, err := s.deps.Core.Users(ctx)
	all := map[string]string{}
	for _, u := range users {
		all[u.ID] = u.Login
	}
	return all, err
}

// MailRefused is what a mail door tells of wrong log-ins: they stand among who did what.
func (s *Server) MailRefused(agent string) func(ctx context.Context, from netip.Addr, login string) {
	return func(ctx context.Context, from netip.Addr, login string) {
		ctx = store.As(ctx, store.Strangers, guard.NetworkOf(from.String()).String())
		if err := s.gate.Audit.MailRefused(ctx, agent, strings.ToValidUTF8(login, ""), from.String()); err != nil {
			s.log.Warn("a refused log-in is not written down", "err", err)
		}
	}
}
