package match

import (
	"context"
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// MaxLinks are the timelines of one activity.
const MaxLinks = 10

// Links are the timelines that an activity with these clients goes on. A maybe goes on none by itself. A company's
// central number goes on the company's, and on the person's when only one has it. Until somebody chooses among several,
// it is on those of all.
func (f Found) Links(ctx context.Context, db store.Queries) ([]record.Ref, error) {
	if len(f.Thread) > 0 {
		return f.Thread, nil
	}
	if f.Match != Exact || len(f.Hits) == 0 {
		return nil, nil
	}
	hits := f.Hits
	if hits[0].Kind == record.Company && len(hits) > 2 && !f.Several {
		hits = hits[:1]
	}
	if f.Several {
		refs := f.Refs()
		return refs[:min(len(refs), MaxLinks)], nil
	}
	var out []record.Ref
	for _, h := range hits {
		refs, err := h.lines(ctx, db)
		if err != nil {
			return nil, err
		}
		out = append(out, refs...)
	}
	return out, nil
}

// lines are the timelines of what happens with a hit.
func (h Hit) lines(ctx context.Context, db store.Queries) ([]record.Ref, error) {
	switch {
	case h.deal != "":
		return []record.Ref{h.Ref, record.Deal.Ref(h.deal)}, nil
	case h.Kind == record.Contact:
		return []record.Ref{h.Ref}, nil
	}
	return timeline.WithDeal(ctx, db, h.Ref)
}

// Chosen leaves of those who may be meant the one the activity is put to, where that is not what the address alone
// says.
func (f Found) Chosen(ctx context.Context, db store.Queries, a timeline.Activity) (Found, error) {
	links, err := f.Links(ctx, db)
	if err != nil || a.Several || len(a.Entities) == 0 || sameRefs(links, a.Entities) {
		return f, err
	}
	f.Match = Exact
	off := func(h Hit) bool { return !slices.Contains(a.Entities, h.Ref) }
	if f.Hits = slices.DeleteFunc(f.Hits, off); len(f.Hits) == 0 {
		f.Hits = []Hit{{Ref: record.Foremost(a.Entities), Why: "number"}}
	}
	return f, nil
}

func sameRefs(a, b []record.Ref) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r record.Ref) bool { return !slices.Contains(b, r) })
}
