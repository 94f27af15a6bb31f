package pbxapi

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/web/api"
)

type codesPut struct {
	Body map[string]string
}

func (o *Operations) getCodes(ctx context.Context, _ *api.None) (dialplan.Codes, error) {
	return o.directory.Codes(ctx)
}

func (o *Operations) putCodes(ctx context.Context, in *codesPut) (dialplan.Codes, error) {
	changed := dialplan.Codes{}
	for feature, code := range in.Body {
		changed[dialplan.Feature(feature)] = code
	}
	if err := o.directory.SaveCodes(ctx, changed); err != nil {
		return nil, err
	}
	return o.directory.Codes(ctx)
}

// HoldMusic is what who waits hears.
type HoldMusic struct {
	Prompt string `json:"prompt" maxLength:"40" doc:"Id; empty: the music that ships with the program"`
}

func (o *Operations) getMusic(ctx context.Context, _ *api.None) (m HoldMusic, err error) {
	m.Prompt, err = o.directory.Music(ctx)
	return m, err
}

func (o *Operations) putMusic(ctx context.Context, in *struct{ Body HoldMusic }) (HoldMusic, error) {
	return in.Body, o.directory.SaveMusic(ctx, in.Body.Prompt)
}

// Waiting are the calls that one may take now.
type Waiting struct {
	Parked  []ledger.ParkedCall `json:"parked" doc:"Those that are parked, by slot"`
	Ringing []ledger.Running    `json:"ringing" doc:"Those that ring colleagues of one's groups, the longest waiting first"`
}

func (o *Operations) waiting(ctx context.Context, _ *api.None) (w Waiting, err error) {
	if w.Parked, err = o.exchange.Parked(ctx); err != nil {
		return w, err
	}
	w.Ringing, err = o.exchange.PickUps(ctx, api.UserOf(ctx).ID)
	return w, err
}
