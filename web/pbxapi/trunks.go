package pbxapi

import (
	"context"
	"errors"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/sip"
	"frontdesk/web/api"
)

type (
	trunkCreate struct{ Body TrunkInput }
	trunkUpdate struct {
		api.ByID
		Body TrunkInput
	}
)

// TrunkInput is what a trunk is made or changed with; what is left out stays.
type TrunkInput struct {
	Name       *string             `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Kind       *dialplan.TrunkKind `json:"kind,omitempty" enum:"carrier,pbx"`
	Host       *string             `json:"host,omitempty" maxLength:"260" doc:"Where calls go: host or host:port. Empty: a PBX that registers here, with in_username and in_password"`
	Transport  *string             `json:"transport,omitempty" enum:"udp,tcp,tls"`
	Register   *bool               `json:"register,omitempty" doc:"We register there"`
	Username   *string             `json:"username,omitempty" maxLength:"200" doc:"Ours at the peer"`
	Password   *string             `json:"password,omitempty" maxLength:"200" doc:"Never shown again"`
	Allow      []string            `json:"allow,omitempty" maxItems:"100" doc:"Addresses or CIDRs calls may come from, besides host"`
	InUsername *string             `json:"in_username,omitempty" maxLength:"200" doc:"The peer must log in with this …"`
	InPassword *string             `json:"in_password,omitempty" maxLength:"200" doc:"… and this"`
	Codecs     []string            `json:"codecs,omitempty" maxItems:"10" doc:"Best first"`
	CallerID   *string             `json:"caller_id,omitempty" maxLength:"30"`
	Prefix     *string             `json:"prefix,omitempty" maxLength:"20" doc:"Kind pbx: numbers of its extensions begin with this"`
	Format     *string             `json:"format,omitempty" enum:"plus,digits,national" doc:"How it wants outside numbers"`
	MaxCalls   *int                `json:"max_calls,omitempty" minimum:"0" maximum:"100000" doc:"0: no limit"`
	SRTP       *directory.SRTP     `json:"srtp,omitempty" enum:"off,offered,required" doc:"Whether its sound is encrypted"`
	Strict     *bool               `json:"strict,omitempty" doc:"Sound is taken only from the address and port that the line's session descriptions name"`
	Active     *bool               `json:"active,omitempty"`

	MannersInput
	ShowsCaller *bool `json:"shows_caller,omitempty" doc:"Calls that users forward outside show who calls; left out: us. Not every carrier takes that"`
}

// MannersInput is how a trunk wants to be spoken to.
type MannersInput struct {
	Proxy    *string `json:"proxy,omitempty" maxLength:"260" doc:"Outbound proxy: host or host:port that all goes to; empty: the host itself"`
	Shows    *string `json:"shows,omitempty" enum:"pai,rpid,from,account" doc:"What tells it who calls: From and P-Asserted-Identity, From and Remote-Party-ID, From alone, or From with our user name and P-Asserted-Identity"`
	Believes *string `json:"believes,omitempty" enum:"pai,rpid,from" doc:"What of its own calls tells us who calls: P-Asserted-Identity, Remote-Party-ID or From alone. Left out of a new one: pai of a carrier, from of a PBX"`
	DTMF     *string `json:"dtmf,omitempty" enum:"rtp,info" doc:"How it gets keys: in the sound (RFC 4733) where it takes that, or always by INFO"`
	Verifies *bool   `json:"verifies,omitempty" doc:"Its word on callers' numbers is believed (STIR/SHAKEN, verstat)"`
	Ping     *int    `json:"ping,omitempty" minimum:"-1" maximum:"3600" doc:"Seconds between two OPTIONS; 0: as usual, -1: none"`
}

func (in MannersInput) apply(m *directory.Manners) {
	api.Set(&m.Proxy, in.Proxy)
	api.Set(&m.Shows, in.Shows)
	api.Set(&m.Believes, in.Believes)
	api.Set(&m.DTMF, in.DTMF)
	api.Set(&m.Ping, in.Ping)
	api.Set(&m.Verifies, in.Verifies)
}

func (in TrunkInput) apply(t *directory.Trunk, d *directory.Directory) error {
	api.Set(&t.Name, in.Name)
	api.Set(&t.Kind, in.Kind)
	api.Set(&t.Host, in.Host)
	api.Set(&t.Transport, in.Transport)
	api.Set(&t.Register, in.Register)
	api.Set(&t.Username, in.Username)
	api.Set(&t.Password, in.Password)
	in.applyRest(t)
	return in.applyLogin(t, d)
}

// applyLogin sets what the peer must log in with. What is kept of it is of both name and password, so a new name needs
// a password too.
func (in TrunkInput) applyLogin(t *directory.Trunk, d *directory.Directory) error {
	if in.InUsername != nil && *in.InUsername != t.InUsername {
		t.InUsername, t.InHA1, t.InHA1SHA = *in.InUsername, "", ""
	}
	if in.InPassword != nil && *in.InPassword != "" {
		d.SetLogin(t, t.InUsername, *in.InPassword)
	}
	if t.InUsername != "" && t.InHA1 == "" {
		return &input.Invalid{Field: "in_password", Problem: "give the password the other side logs in with, too"}
	}
	return nil
}

func (in TrunkInput) applyRest(t *directory.Trunk) {
	if in.Allow != nil {
		t.Allow = in.Allow
	}
	if in.Codecs != nil {
		t.Codecs = in.Codecs
	}
	api.Set(&t.CallerID, in.CallerID)
	api.Set(&t.Prefix, in.Prefix)
	api.Set(&t.Format, in.Format)
	api.Set(&t.MaxCalls, in.MaxCalls)
	api.Set(&t.SRTP, in.SRTP)
	api.Set(&t.ShowsCaller, in.ShowsCaller)
	in.MannersInput.apply(&t.Manners)
	api.Set(&t.Strict, in.Strict)
	api.Set(&t.Active, in.Active)
}

func (o *Operations) listTrunks(ctx context.Context, _ *api.None) (api.Page[directory.Trunk], error) {
	return api.List(o.directory.Trunks(ctx))
}

func (o *Operations) getTrunk(ctx context.Context, in *api.ByID) (directory.Trunk, error) {
	return o.directory.Trunk(ctx, in.ID)
}

func (o *Operations) createTrunk(ctx context.Context, in *trunkCreate) (directory.Trunk, error) {
	t := directory.Trunk{Kind: dialplan.Carrier, Transport: "udp", Active: true}
	if err := o.trunkKeys(ctx, in.Body); err != nil {
		return t, err
	}
	if err := in.Body.apply(&t, o.directory); err != nil {
		return t, err
	}
	return t, o.directory.SaveTrunk(ctx, &t)
}

func (o *Operations) updateTrunk(ctx context.Context, in *trunkUpdate) (directory.Trunk, error) {
	t, err := o.directory.Trunk(ctx, in.ID)
	if err == nil {
		err = o.trunkKeys(ctx, in.Body)
	}
	if err != nil {
		return t, err
	}
	if err := in.Body.apply(&t, o.directory); err != nil {
		return t, err
	}
	return t, o.directory.SaveTrunk(ctx, &t)
}

// trunkKeys refuses an API token that would set what another PBX logs in with.
func (o *Operations) trunkKeys(ctx context.Context, in TrunkInput) error {
	if in.InPassword == nil || *in.InPassword == "" {
		return nil
	}
	return api.NoKeys(ctx, o.live.Demo)
}

func (o *Operations) deleteTrunk(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteTrunk(ctx, in.ID)
}

// TrunkTest is what came of trying a trunk, step by step.
type TrunkTest struct {
	OK    bool       `json:"ok"`
	Steps []sip.Step `json:"steps"`
}

var errNoSIP = huma.Error409Conflict("SIP is switched off in the configuration of this node: set sip.udp or sip.tcp.")

func (o *Operations) trunkStatuses(context.Context, *api.None) (api.Page[sip.Status], error) {
	if o.sip == nil {
		return api.Page[sip.Status]{}, nil
	}
	return api.List(o.sip.TrunkStatus(), nil)
}

// trunkStatus is found for active trunks only.
func (o *Operations) trunkStatus(ctx context.Context, in *api.ByID) (sip.Status, error) {
	all, err := o.trunkStatuses(ctx, nil)
	if err != nil {
		return sip.Status{}, err
	}
	for _, status := range all.Items {
		if status.Trunk == in.ID {
			return status, nil
		}
	}
	return sip.Status{}, huma.Error404NotFound("This trunk is unknown or switched off.")
}

func (o *Operations) testTrunk(ctx context.Context, in *api.ByID) (TrunkTest, error) {
	if o.sip == nil {
		return TrunkTest{}, errNoSIP
	}
	return tested(o.sip.TestTrunk(ctx, in.ID))
}

type testCallAsked struct {
	api.ByID
	Body struct {
		To string `json:"to" minLength:"1" maxLength:"64" doc:"As dialled"`
	}
}

// testCall places a call to what an admin dials, which is to be allowed as any other is, and waits for what comes of
// it.
func (o *Operations) testCall(ctx context.Context, in *testCallAsked) (TrunkTest, error) {
	if o.sip == nil {
		return TrunkTest{}, errNoSIP
	}
	if _, err := o.directory.Trunk(ctx, in.ID); err != nil {
		return TrunkTest{}, err
	}
	plan, err := o.directory.Plan(ctx)
	if err != nil {
		return TrunkTest{}, err
	}
	asks := plan.Inbound("", pbx.Party{Kind: pbx.Browser, User: api.UserOf(ctx).ID}, in.Body.To)
	switch step := plan.Through(asks, in.ID).(type) {
	case dialplan.Dial:
		steps, err := o.sip.TestCall(ctx, step)
		return tested(called(steps, err))
	case dialplan.Refuse:
		return tested([]sip.Step{sip.Refused(step.Cause)}, nil)
	}
	return TrunkTest{}, nil
}

// called are the steps of a test call, also where there was no way to begin it.
func called(steps []sip.Step, err error) ([]sip.Step, error) {
	switch {
	case errors.Is(err, sip.ErrTrialRuns):
		return nil, huma.Error409Conflict("A test call is under way. Wait until it has ended.")
	case errors.Is(err, pbx.ErrNobody):
		return []sip.Step{sip.Refused(pbx.CauseUnavailable)}, nil
	}
	return steps, err
}

func tested(steps []sip.Step, err error) (TrunkTest, error) {
	failed := slices.ContainsFunc(steps, func(step sip.Step) bool { return !step.OK })
	return TrunkTest{OK: !failed, Steps: steps}, err
}
