package pbxapi

import (
	"context"
	"crypto/rand"
	"frontdesk/pbx/directory"
	"frontdesk/web/api"
	"strings"
	"time"
)

type (
	deviceCreate struct{ Body DeviceInput }
	deviceUpdate struct {
		api.ByID
		Body DeviceChange
	}
)

// DeviceInput is a desk phone's account to be.
type DeviceInput struct {
	User     string         `json:"user" doc:"Id"`
	Username string         `json:"username,omitempty" maxLength:"60" doc:"Made up when left out"`
	Label    string         `json:"label,omitempty" maxLength:"200"`
	SRTP     directory.SRTP `json:"srtp,omitempty" enum:"off,offered,required" doc:"Whether its sound is encrypted; offered when left out"`
	MWI      directory.MWI  `json:"mwi,omitempty" enum:"subscribe,unsolicited" doc:"Whether it asks to be told of voice messages, as most phones do, or is told unasked; subscribe when left out"`
}

// DeviceChange is what may be changed of a desk phone's account; what is left out stays.
type DeviceChange struct {
	Label *string         `json:"label,omitempty" maxLength:"200"`
	SRTP  *directory.SRTP `json:"srtp,omitempty" enum:"off,offered,required" doc:"Whether its sound is encrypted"`
	MWI   *directory.MWI  `json:"mwi,omitempty" enum:"subscribe,unsolicited" doc:"Whether it asks to be told of voice messages, or is told unasked"`
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
	d := directory.Device{User: in.Body.User, Username: in.Body.Username, Label: in.Body.Label,
		SRTP: in.Body.SRTP, MWI: in.Body.MWI}
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

func (o *Operations) updateDevice(ctx context.Context, in *deviceUpdate) (directory.Device, error) {
	d, err := o.directory.Device(ctx, in.ID)
	if err != nil {
		return d, err
	}
	api.Set(&d.Label, in.Body.Label)
	api.Set(&d.SRTP, in.Body.SRTP)
	api.Set(&d.MWI, in.Body.MWI)
	return d, o.directory.SaveDevice(ctx, &d, "")
}

func devicePassword() string { return rand.Text()[:20] }

func (o *Operations) deleteDevice(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteDevice(ctx, in.ID)
}
