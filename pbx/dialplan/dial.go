package dialplan

// TrunkKind tells a carrier from a company's own PBX.
type TrunkKind string

const (
	Carrier TrunkKind = "carrier"
	PBX     TrunkKind = "pbx"
)

// Trunk is what the plan knows of a trunk that calls may go over.
type Trunk struct {
	ID          string
	Kind        TrunkKind
	Register    bool   // we register there …
	Username    string // … with this
	CallerID    string // E.164 shown when a user has none of his own
	Prefix      string // kind PBX: numbers of its extensions begin with this, which is stripped when dialled
	Format      string // how it wants outside numbers: plus (+40…), digits (40…), national (0…)
	MaxCalls    int    // 0: no limit
	ShowsCaller bool   // calls that users forward outside show who calls, not us
}

// Dial calls a number through a trunk.
type Dial struct {
	Trunk    string
	MaxCalls int    // of the trunk
	Number   string // to dial through it
	// the number in E.164 whose calls cost; "" where they don't, or must not be counted: short numbers, a PBX's
	Costs    string
	CallerID string // to show through it
	Seconds  int
	For      string // the user who forwards the call there, "" where it was dialled
	Confirm  bool   // who answers takes the call by pressing a key
	Consent  Consent

	Next  Step // the far end was not reached: another trunk may do so
	Final Step // what the far end itself says, busy or declined or no answer, no other trunk would change
}

// Outcomes of Dial.
func (Dial) Outcomes() []Outcome { return rings() }

// After Dial.
func (d Dial) After(o Outcome) Step {
	switch o {
	case Busy, Declined, NoAnswer, Unknown:
		return d.Final
	}
	return d.Next
}
