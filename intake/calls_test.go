package intake

import (
	"log/slog"
	"slices"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/pbx"
)

// A card that comes later than the phones ring opens for those who ring; one whose caller has hung up is not kept.
func TestLateCard(t *testing.T) {
	in := New(Deps{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(in.Close)
	in.running["c"] = &running{}
	in.Ringing(t.Context(), "c", []string{"maria", "ion"})
	if users := in.answered("c", &crmcore.Card{For: []string{"elena", "ion"}}); !slices.Equal(users,
		[]string{"elena", "ion", "maria"}) {
		t.Errorf("it opens for %v", users)
	}
	in.note(pbx.View{Call: "c", State: "ended"})
	if users := in.answered("c", &crmcore.Card{For: []string{"elena"}}); !slices.Equal(users, []string{"elena"}) ||
		len(in.running) != 0 {
		t.Errorf("after the end it opens for %v, %d calls are kept", users, len(in.running))
	}
}
