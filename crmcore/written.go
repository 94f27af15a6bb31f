package crmcore

import (
	"frontdesk/crmcore/match"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// written is what a touch left in the database.
type written struct {
	f        match.Found
	route    rules.Routing
	activity string
	links    []record.Ref
	created  bool // the activity is new
	waits    bool // and was written as waiting for an answer
	ended    bool // it ended only now
	lead     string
	several  bool
}

// entry is the activity of a touch when it is first heard of.
func (t Touch) entry(f match.Found) timeline.Entry {
	e := timeline.Entry{Channel: string(t.Channel), Dedupe: t.Key, Message: t.MessageID, Phase: t.Phase,
		Activity: timeline.Activity{
			ID: store.NewID(), Kind: t.Channel.Policy().Kind, Incoming: t.Incoming, At: t.At, Seconds: t.Seconds,
			Outcome: t.Outcome,
			Title:   t.Subject, Body: t.Snippet, Address: t.Client.Key(), Line: t.Line, User: t.user(f),
			Verified: t.Verified,
			Several:  f.Several && len(f.Thread) == 0, Newcomer: f.Newcomer, Source: t.Source}}
	return e
}

// user is who did it or has to: who called, wrote or answered; the responsible user for what still waits.
func (t Touch) user(f match.Found) string {
	first := ""
	if len(t.Users) > 0 {
		first = t.Users[0]
	}
	switch {
	case !t.Incoming || t.Phase == timeline.Answered || t.Outcome == "answered":
		return first
	case t.Channel.Policy().Rings && t.Phase == timeline.Began:
		return ""
	case f.Match == Exact && f.Known() && f.Hits[0].Responsible != "" && !f.Gone:
		return f.Hits[0].Responsible
	}
	return first
}
