package pbxapi

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/pbx/directory"
	"frontdesk/sip"
	"frontdesk/web/api"
)

// DestinationInput is where the calls of a number go.
type DestinationInput struct {
	Responsible bool     `json:"responsible,omitempty" doc:"First the client's responsible user"`
	Kind        string   `json:"kind" enum:"user,group,meeting,refuse" doc:"refuse: turned away; of closed alone"`
	User        string   `json:"user,omitempty"`
	Users       []string `json:"users,omitempty" maxItems:"100"`
	Meeting     string   `json:"meeting,omitempty"`
	Seconds     int      `json:"seconds,omitempty" minimum:"0" maximum:"300" doc:"How long each step rings; 25 when left out"`
}

func (in DestinationInput) destination() directory.Destination {
	return directory.Destination{Responsible: in.Responsible, Kind: in.Kind, User: in.User, Users: in.Users,
		Meeting: in.Meeting, Seconds: in.Seconds}
}

// TimedInput is where calls go outside of working hours.
type TimedInput struct {
	Schedule string            `json:"schedule,omitempty" maxLength:"40" doc:"Id of working hours; left out: the same at any time"`
	Closed   *DestinationInput `json:"closed,omitempty" doc:"Where calls go outside of them"`
}

func (in TimedInput) timed() directory.Timed {
	if in.Closed == nil {
		return directory.Timed{Schedule: in.Schedule}
	}
	closed := in.Closed.destination()
	return directory.Timed{Schedule: in.Schedule, Closed: &closed}
}

// NumberInput is a number's trunk and destination.
type NumberInput struct {
	Trunk       string           `json:"trunk" doc:"Id"`
	Label       string           `json:"label,omitempty" maxLength:"200"`
	Destination DestinationInput `json:"destination"`
	TimedInput
}

// ExtensionInput is an extension's destination.
type ExtensionInput struct {
	DestinationInput
	TimedInput
}

// TrunkInput is what a trunk is made or changed with; what is left out stays.
type TrunkInput struct {
	Name       *string              `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Kind       *directory.TrunkKind `json:"kind,omitempty" enum:"carrier,pbx"`
	Host       *string              `json:"host,omitempty" maxLength:"260" doc:"Where calls go: host or host:port. Empty: a PBX that registers here, with in_username and in_password"`
	Transport  *string              `json:"transport,omitempty" enum:"udp,tcp"`
	Register   *bool                `json:"register,omitempty" doc:"We register there"`
	Username   *string              `json:"username,omitempty" maxLength:"200" doc:"Ours at the peer"`
	Password   *string              `json:"password,omitempty" maxLength:"200" doc:"Never shown again"`
	Allow      []string             `json:"allow,omitempty" maxItems:"100" doc:"Addresses or CIDRs calls may come from, besides host"`
	InUsername *string              `json:"in_username,omitempty" maxLength:"200" doc:"The peer must log in with this …"`
	InPassword *string              `json:"in_password,omitempty" maxLength:"200" doc:"… and this"`
	Codecs     []string             `json:"codecs,omitempty" maxItems:"10" doc:"Best first"`
	CallerID   *string              `json:"caller_id,omitempty" maxLength:"30"`
	Prefix     *string              `json:"prefix,omitempty" maxLength:"20" doc:"Kind pbx: numbers of its extensions begin with this"`
	Format     *string              `json:"format,omitempty" enum:"plus,digits,national" doc:"How it wants outside numbers"`
	MaxCalls   *int                 `json:"max_calls,omitempty" minimum:"0" maximum:"100000" doc:"0: no limit"`
	Strict     *bool                `json:"strict,omitempty" doc:"Sound is taken only from the address and port that the line's session descriptions name"`
	Active     *bool                `json:"active,omitempty"`

	ShowsCaller *bool `json:"shows_caller,omitempty" doc:"Calls that users forward outside show who calls; left out: us. Not every carrier takes that"`
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
		return &directory.Invalid{Field: "in_password", Problem: "give the password the other side logs in with, too"}
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
	api.Set(&t.Strict, in.Strict)
	api.Set(&t.ShowsCaller, in.ShowsCaller)
	api.Set(&t.Active, in.Active)
}

// DeviceInput is a desk phone's account to be.
type DeviceInput struct {
	User     string `json:"user" doc:"Id"`
	Username string `json:"username,omitempty" maxLength:"60" doc:"Made up when left out"`
	Label    string `json:"label,omitempty" maxLength:"200"`
}

// DeviceState is a desk phone's account and where it is registered now.
type DeviceState struct {
	directory.Device
	Bindings []directory.Binding `json:"bindings"`
}

// NewDevice is a desk phone's account with the password it just got.
type NewDevice struct {
	directory.Device
	Password string `json:"password" doc:"Shown only now"`
}

type (
	NumberPath struct {
		E164 string `path:"e164" maxLength:"30"`
	}
	numberPut struct {
		NumberPath
		Body NumberInput
	}
	trunkCreate struct{ Body TrunkInput }
	trunkUpdate struct {
		api.ByID
		Body TrunkInput
	}
	ExtensionPath struct {
		Number string `path:"number" maxLength:"20"`
	}
	extensionPut struct {
		ExtensionPath
		Body ExtensionInput
	}
	deviceCreate struct{ Body DeviceInput }
	outboundPut  struct{ Body directory.OutboundPolicy }
)

func (o *Operations) listNumbers(ctx context.Context, _ *api.None) (api.Page[directory.Number], error) {
	return api.List(o.directory.Numbers(ctx))
}

func (o *Operations) putNumber(ctx context.Context, in *numberPut) (directory.Number, error) {
	n := directory.Number{E164: in.E164, Trunk: in.Body.Trunk, Label: in.Body.Label,
		Destination: in.Body.Destination.destination(), Timed: in.Body.timed()}
	if err := o.checkRung(ctx, n.Destination, n.Timed); err != nil {
		return n, err
	}
	err := o.directory.SaveNumber(ctx, &n)
	return n, err
}

// checkRung fails when a number or extension rings somebody who is not here, or not any more.
func (o *Operations) checkRung(ctx context.Context, to directory.Destination, t directory.Timed) error {
	if err := o.checkActive(ctx, "destination", to); err != nil || t.Schedule == "" || t.Closed == nil {
		return err
	}
	return o.checkActive(ctx, "closed", *t.Closed)
}

func (o *Operations) checkActive(ctx context.Context, field string, to directory.Destination) error {
	switch to.Kind {
	case "user":
		return api.CheckActive(ctx, o.core, field+".user", to.User)
	case "group":
		return api.CheckActive(ctx, o.core, field+".users", to.Users...)
	}
	return nil
}

func (o *Operations) deleteNumber(ctx context.Context, in *NumberPath) error {
	return o.directory.DeleteNumber(ctx, in.E164)
}

func (o *Operations) listTrunks(ctx context.Context, _ *api.None) (api.Page[directory.Trunk], error) {
	return api.List(o.directory.Trunks(ctx))
}

func (o *Operations) getTrunk(ctx context.Context, in *api.ByID) (directory.Trunk, error) {
	return o.directory.Trunk(ctx, in.ID)
}

func (o *Operations) createTrunk(ctx context.Context, in *trunkCreate) (directory.Trunk, error) {
	t := directory.Trunk{Kind: directory.Carrier, Transport: "udp", Active: true}
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

func (o *Operations) listExtensions(ctx context.Context, _ *api.None) (api.Page[directory.Extension], error) {
	return api.List(o.directory.Extensions(ctx))
}

func (o *Operations) putExtension(ctx context.Context, in *extensionPut) (directory.Extension, error) {
	e := directory.Extension{Number: in.Number, Destination: in.Body.destination(), Timed: in.Body.timed()}
	if err := o.checkRung(ctx, e.Destination, e.Timed); err != nil {
		return e, err
	}
	err := o.directory.SaveExtension(ctx, &e)
	return e, err
}

func (o *Operations) deleteExtension(ctx context.Context, in *ExtensionPath) error {
	return o.directory.DeleteExtension(ctx, in.Number)
}

func (o *Operations) listDevices(ctx context.Context, _ *api.None) (api.Page[DeviceState], error) {
	devices, err := o.directory.Devices(ctx, "")
	if err != nil {
		return api.Page[DeviceState]{}, err
	}
	bindings, err := o.directory.Registered(ctx, time.Now())
	states := make([]DeviceState, len(devices))
	for i, d := range devices {
		states[i].Device = d
		for _, b := range bindings {
			if b.Device == d.ID {
				states[i].Bindings = append(states[i].Bindings, b)
			}
		}
	}
	return api.List(states, err)
}

func (o *Operations) createDevice(ctx context.Context, in *deviceCreate) (NewDevice, error) {
	if err := api.NoKeys(ctx, o.live.Demo); err != nil {
		return NewDevice{}, err
	}
	d := directory.Device{User: in.Body.User, Username: in.Body.Username, Label: in.Body.Label}
	if err := api.CheckActive(ctx, o.core, "user", d.User); err != nil {
		return NewDevice{}, err
	}
	if d.Username == "" {
		d.Username = "phone-" + strings.ToLower(rand.Text()[:8])
	}
	password := devicePassword()
	err := o.directory.SaveDevice(ctx, &d, password)
	return NewDevice{d, password}, err
}

func (o *Operations) renewDevice(ctx context.Context, in *api.ByID) (NewDevice, error) {
	if err := api.NoKeys(ctx, o.live.Demo); err != nil {
		return NewDevice{}, err
	}
	password := devicePassword()
	d, err := o.directory.NewPassword(ctx, in.ID, password)
	return NewDevice{d, password}, err
}

func devicePassword() string { return rand.Text()[:20] }

func (o *Operations) deleteDevice(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteDevice(ctx, in.ID)
}

func (o *Operations) getOutbound(ctx context.Context, _ *api.None) (directory.OutboundPolicy, error) {
	return o.directory.Policy(ctx)
}

func (o *Operations) putOutbound(ctx context.Context, in *outboundPut) (directory.OutboundPolicy, error) {
	if err := o.directory.SavePolicy(ctx, in.Body); err != nil {
		return in.Body, err
	}
	return o.directory.Policy(ctx)
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
	steps, err := o.sip.TestTrunk(ctx, in.ID)
	failed := slices.ContainsFunc(steps, func(step sip.Step) bool { return !step.OK })
	return TrunkTest{OK: !failed, Steps: steps}, err
}
