package crmcore

import (
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// told are the events so far.
func (o *office) told() []store.Told {
	o.Helper()
	l := store.NewEventLog(o.db, slog.New(slog.DiscardHandler))
	_, err := l.Number(o.ctx)
	o.must(err)
	list, _, err := l.After(o.ctx, 0)
	o.must(err)
	return list
}

func typesOf(events []store.Told) (types []string) {
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// A lead is told when its touch is committed, once, to whom its card is for.
func TestNewLeadIsTold(t *testing.T) {
	each(t, func(o *office) {
		card := o.receive(o.call("1", "0722000001"))
		o.receive(o.call("1", "0722000001").ended("answered", 5))
		events := o.told()
		if got := typesOf(events); !slices.Equal(got, []string{LeadCreated}) {
			t.Fatalf("told %v", got)
		}
		var lead NewLead
		o.must(json.Unmarshal(events[0].Data, &lead))
		want := NewLead{card.Lead, card.Activity, timeline.Call, card.Address, card.Name, card.Responsible, card.Rule}
		if lead != want || !slices.Equal(events[0].For, card.LeadFor) ||
			events[0].Record != (store.EventRecord{Kind: "lead", ID: card.Lead}) {
			t.Errorf("told %+v for %v about %v, want %+v for %v", lead, events[0].For, events[0].Record, want,
				card.LeadFor)
		}
	})
}

// What people change is told in the order it was done; what was refused is not told.
func TestChangesAreTold(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana")
		deal := o.deal("Chairs", ana)
		ref := record.Deal.Ref(deal.ID)
		_, err := o.MoveDeal(o.ctx, o.seller, deal.ID, o.pipeline.Stages[1].ID)
		o.must(err)
		task, err := o.AddTask(o.ctx, o.seller, ref, timeline.NewTask{Title: "Ask"})
		o.must(err)
		_, err = o.AddNote(o.ctx, o.seller, ref, "no event of its own")
		o.must(err)
		_, err = o.SetDone(o.ctx, o.seller, task.ID, true)
		o.must(err)
		if _, err := o.MoveDeal(o.ctx, o.other, deal.ID, o.pipeline.Stages[2].ID); err == nil {
			t.Error("a stranger moves the deal")
		}
		ana.Name, ana.Updated = "Ana Pop", time.UnixMicro(1)
		if _, err := o.UpdateContact(o.ctx, o.seller, ana); err == nil {
			t.Error("a change over another's is taken")
		}
		o.must(o.Delete(o.ctx, o.seller, ref))
		want := []string{"contact.changed", "deal.changed", "deal.moved", "deal.changed", "task.created", "task.done",
			"deal.changed"}
		if got := typesOf(o.told()); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
	})
}
