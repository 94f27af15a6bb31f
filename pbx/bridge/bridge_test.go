package bridge

import (
	"reflect"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx/call"
)

// What one leg is told the other says, in order, from when it is listened to; its sound is one line, and nothing comes
// after the end.
func TestPair(t *testing.T) {
	near, far := New(call.Party{Name: "Standup"}, call.Party{Number: "0722123456"}, []media.Codec{media.PCMA()})
	first, second := media.NewTrack("first", media.PCMA(), nil), media.NewTrack("second", media.PCMA(), nil)
	far.Ring(false)
	far.Answer(media.PCMA())
	far.Play(first)
	var heard, over []call.Event
	near.Listen(func(e call.Event) {
		if heard = append(heard, e); len(heard) == 1 {
			far.Play(second) // from within
		}
	})
	far.Listen(func(e call.Event) { over = append(over, e) })
	far.Stop(first) // which it plays no more
	far.Stop(second)
	near.Hangup(call.CauseNormal)
	far.Hangup(call.CauseBusy)
	far.Play(first)
	want := []call.Event{call.Ringing{}, call.Answered{Codec: media.PCMA()}, call.TrackAdded{Track: first},
		call.TrackRemoved{Track: first}, call.TrackAdded{Track: second}, call.TrackRemoved{Track: second},
		call.Gone{Cause: call.CauseNormal}}
	if !reflect.DeepEqual(heard, want) {
		t.Errorf("heard %+v", heard)
	}
	if !reflect.DeepEqual(over, []call.Event{call.Gone{Cause: call.CauseNormal}}) {
		t.Errorf("the other end heard %+v", over)
	}
	if near.ID() == far.ID() || near.Party().Name != "Standup" || far.Party().Number != "0722123456" {
		t.Errorf("%s %+v, %s %+v", near.ID(), near.Party(), far.ID(), far.Party())
	}
}
