package match

import (
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/timeline"
)

// Question is what is known of who called or wrote, or was called or written to.
type Question struct {
	Channel timeline.Channel
	Key     string          // of the touch, whose own entry is no earlier interaction
	At      time.Time       // when it began
	Client  address.Address // zero when anonymous
	Own     bool            // it is an address of ours
	Users   []string        // who was called or written to
	Reply   []string        // Message-IDs that it continues, the most telling first
}
