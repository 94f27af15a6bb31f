package pbxapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"frontdesk/crmcore/people"
	"frontdesk/pbx/recording"
	"frontdesk/web/api"
)

// recordingRoutes registers what was said in calls, and which are recorded.
func (o *Operations) recordingRoutes(f *api.Frame) {
	api.Add(f, users("Recordings", "GET /recordings",
		"The recordings of calls, as far as one may hear them: of one's own calls, those of one's department or all"),
		o.listRecordings)
	sound := users("Recordings", "GET /recordings/{id}/sound",
		"A recording: our side left, the other side right. That one listens is written down")
	sound.Streams, sound.Audit = "audio/wav", api.AuditRecording
	api.Raw(f, sound, o.recordingSound)
	api.Add(f, admins("Recordings", "GET /recordings/{id}/listeners", "Who listened to a recording, and when"),
		o.listeners)
	api.Do(f, admins("Recordings", "DELETE /recordings/{id}", "Remove a recording for good"), o.deleteRecording)
	api.Add(f, admins("Recordings", "GET /telephony/recording", "Which calls are recorded, and how long that is kept"),
		o.recordingPolicy)
	api.Add(f, admins("Recordings", "PUT /telephony/recording", "Change which calls are recorded"),
		o.putRecordingPolicy)
}

// listener is who asks, with his right to what others of his said.
func listener(ctx context.Context) recording.Reader {
	u := api.UserOf(ctx)
	return recording.Reader{User: u.ID, May: people.OfUsers(u)}
}

type recordingList struct {
	Calls []string `query:"calls,explode" required:"true" maxItems:"200" doc:"Ids of the calls"`
}

func (o *Operations) listRecordings(ctx context.Context, in *recordingList) (api.Page[recording.Recording], error) {
	return api.List(o.recordings.OfCalls(ctx, listener(ctx), in.Calls))
}

// recordingSound answers with any part of the file: players ask for those they need.
func (o *Operations) recordingSound(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	_, file, err := o.recordings.Open(ctx, listener(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &api.StreamOutput{Body: func(ctx huma.Context) {
		defer file.Close()
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "audio/wav")
		w.Header().Set("Cache-Control", "private, no-store")
		http.ServeContent(w, r, "", time.Time{}, file)
	}}, nil
}

func (o *Operations) listeners(ctx context.Context, in *api.ByID) (api.Page[recording.Listened], error) {
	return api.List(o.recordings.Heard(ctx, in.ID))
}

func (o *Operations) deleteRecording(ctx context.Context, in *api.ByID) error {
	return o.recordings.Delete(ctx, in.ID)
}

// RecordingPolicy says which calls are recorded.
type RecordingPolicy struct {
	Rules []RecordingRule `json:"rules" maxItems:"50" doc:"The first that a call fits decides; a call that fits none is not recorded"`
	Days  int             `json:"days" minimum:"1" maximum:"3650" doc:"So long recordings are kept"`
}

// RecordingRule says what is done with the calls that fit it.
type RecordingRule struct {
	Direction string   `json:"direction,omitempty" enum:"in,out,internal" doc:"Left out: any"`
	Lines     []string `json:"lines,omitempty" maxItems:"100" doc:"Our numbers; left out: any"`
	Users     []string `json:"users,omitempty" maxItems:"200" doc:"One of them takes part; left out: anybody"`
	Record    string   `json:"record" enum:"always,asked,never" doc:"asked: when an agent begins"`
	Announce  bool     `json:"announce,omitempty" doc:"Both sides hear that the call is recorded before it is"`
	Language  string   `json:"language,omitempty" enum:"en,ro,ru" default:"en" doc:"Of the announcement"`
	Pause     bool     `json:"pause,omitempty" doc:"Agents may pause, as for the number of a card"`
	Stop      bool     `json:"stop,omitempty" doc:"Agents may stop, and begin again"`
}

func (o *Operations) recordingPolicy(ctx context.Context, _ *api.None) (RecordingPolicy, error) {
	p, err := o.recordings.Policy(ctx)
	out := RecordingPolicy{Rules: []RecordingRule{}, Days: p.Days}
	for _, rule := range p.Rules {
		out.Rules = append(out.Rules, RecordingRule(rule))
	}
	return out, err
}

func (o *Operations) putRecordingPolicy(ctx context.Context,
	in *struct{ Body RecordingPolicy }) (RecordingPolicy, error) {
	p := recording.Policy{Days: in.Body.Days}
	for _, rule := range in.Body.Rules {
		if err := api.CheckActive(ctx, o.core, "users", rule.Users...); err != nil {
			return in.Body, err
		}
		p.Rules = append(p.Rules, recording.Rule(rule))
	}
	if err := o.recordings.SavePolicy(ctx, p); err != nil {
		return in.Body, err
	}
	return o.recordingPolicy(ctx, nil)
}
