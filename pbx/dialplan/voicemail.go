package dialplan

import "slices"

// VoicemailBox is where callers leave messages for users.
type VoicemailBox struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Users    []string `json:"users"`
	Greeting string   `json:"greeting"` // prompt; "" for the one that ships with the program
	Language string   `json:"language"`
	Seconds  int      `json:"seconds"`          // longest message
	Keeper   string   `json:"keeper,omitempty"` // who of several users may change the greeting by phone
}

// Give makes the box, and what is in it, the heir's; false: nothing changes.
func (b *VoicemailBox) Give(user, heir string) (given bool) {
	given = slices.Contains(b.Users, user)
	b.Users = replaced(b.Users, user, heir)
	if b.Keeper == user {
		b.Keeper = heir
	}
	return given
}

// greetedBy tells whether a user may change the greeting by phone: of a box that is his alone, or that he keeps.
func (b VoicemailBox) greetedBy(user string) bool {
	return user != "" && (b.Keeper == user || len(b.Users) == 1 && b.Users[0] == user)
}

// Voicemail has a caller leave a message.
type Voicemail struct{ Box VoicemailBox }

// What comes of a voicemail.
const (
	Recorded Outcome = "recorded" // there is a message
	Empty    Outcome = "empty"    // nothing was said
)

// Outcomes of Voicemail.
func (Voicemail) Outcomes() []Outcome { return []Outcome{Recorded, Empty, Failed} }

// After a voicemail comes nothing.
func (Voicemail) After(Outcome) Step { return nil }
