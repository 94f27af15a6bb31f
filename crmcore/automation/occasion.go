package automation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"frontdesk/crmcore"
	"frontdesk/crmcore/event"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// occasion is something that may set rules off.
type occasion struct {
	what     What // entered stands for left as well
	ref      record.Ref
	fields   []string
	from, to string
	by       timeline.By
	cause    *event.Cause
	key      string // the same for the same thing
}

// occasionOf reads an event; false for one that sets nothing off.
func occasionOf(e store.Told) (o occasion, ok bool) {
	o.key = fmt.Sprint("e", e.Seq)
	kind, what, _ := strings.Cut(e.Type, ".")
	switch {
	case e.Type == crmcore.LeadCreated:
		var d crmcore.NewLead
		ok = json.Unmarshal(e.Data, &d) == nil
		o.what, o.ref = made, record.Lead.Ref(d.Lead)
		return o, ok
	case what == "moved" && (kind == string(record.Deal) || kind == string(record.Lead)):
		var d event.Move
		ok = json.Unmarshal(e.Data, &d) == nil
		o.what, o.ref = entered, record.Kind(kind).Ref(d.Deal+d.Lead)
		o.from, o.to, o.cause = d.From, d.To, d.Cause
		return o, ok
	case what == "changed" && slices.Contains(record.Kinds(), record.Kind(kind)):
		return changedOf(e, o)
	}
	return o, false
}

func changedOf(e store.Told, o occasion) (occasion, bool) {
	var d event.Data
	if json.Unmarshal(e.Data, &d) != nil {
		return o, false
	}
	o.ref, o.fields, o.by, o.cause = d.Ref, d.Fields, d.By, d.Cause
	switch d.Change {
	case event.Created:
		o.what = made
	case event.Changed:
		o.what = changed
	default:
		return o, false
	}
	return o, true
}

// setOff tells whether an occasion sets the rule off.
func (r Routine) setOff(o occasion) bool {
	if !r.Active || r.Kind != o.ref.Kind {
		return false
	}
	t := r.On
	one := func(list []string, of string) bool { return len(list) == 0 || slices.Contains(list, of) }
	switch t.What {
	case made:
		return o.what == made && (o.by != timeline.ByImport || t.Imported)
	case entered:
		return o.what == entered && one(t.Stages, o.to)
	case left:
		return o.what == entered && one(t.Stages, o.from)
	case changed:
		return o.what == changed && len(o.fields) > 0 && (len(t.Fields) == 0 ||
			slices.ContainsFunc(o.fields, func(f string) bool { return slices.Contains(t.Fields, f) }))
	}
	return o.what == t.What
}
