package directory

import (
	"time"

	"frontdesk/pbx/dialplan"
)

// Trunk is a connection to the outside: rented numbers, or an existing PBX.
type Trunk struct {
	ID   string             `json:"id"`
	Name string             `json:"name"`
	Kind dialplan.TrunkKind `json:"kind"`
	// where calls go: host or host:port; empty: a PBX that registers here, with InUsername
	Host       string   `json:"host"`
	Transport  string   `json:"transport"`   // udp, tcp, tls
	Register   bool     `json:"register"`    // we register there; otherwise the peer is known by its address
	Username   string   `json:"username"`    // for digest, ours at the peer
	Password   string   `json:"-"`           // never leaves the server
	Allow      []string `json:"allow"`       // addresses or CIDRs calls may come from, besides Host
	InUsername string   `json:"in_username"` // digest the peer must use towards us, when set …
	InHA1      string   `json:"-"`           // … kept as MD5 HA1 …
	InHA1SHA   string   `json:"-"`           // … and, for a PBX that registers here, with SHA-256
	Codecs     []string `json:"codecs"`      // offered to it, in this order
	CallerID   string   `json:"caller_id"`   // E.164 shown when a user has none of his own
	Prefix     string   `json:"prefix"`      // kind pbx: numbers of its extensions begin with this (stripped when dialled)
	Format     string   `json:"format"`      // how it wants outside numbers: plus (+40…, the default), digits (40…), national (0…)
	MaxCalls   int      `json:"max_calls"`   // 0: no limit
	SRTP       SRTP     `json:"srtp"`        // whether its sound is encrypted
	Strict     bool     `json:"strict"`      // sound is taken only from the address and port that its descriptions name
	Active     bool     `json:"active"`

	Manners
	ShowsCaller bool `json:"shows_caller"` // calls that users forward outside show who calls, not us
}

// SRTP is whether the sound of a trunk or phone is encrypted (RFC 3711, with keys by RFC 4568).
type SRTP string

const (
	SRTPOff      SRTP = "off"      // never
	SRTPOffered  SRTP = "offered"  // where the other side does it too; the default
	SRTPRequired SRTP = "required" // or there is no call
)

func (s SRTP) valid() bool { return s == SRTPOff || s == SRTPOffered || s == SRTPRequired }

// Device is a desk phone's account.
type Device struct {
	ID       string `json:"id"`
	User     string `json:"user"`
	Username string `json:"username"`
	HA1      string `json:"-"` // MD5(username:realm:password), RFC 7616 §3.4.2
	HA1SHA   string `json:"-"` // the same with SHA-256
	Label    string `json:"label"`
	SRTP     SRTP   `json:"srtp"`          // whether its sound is encrypted
	MWI      MWI    `json:"mwi"`           // how it hears of voice messages
	Off      bool   `json:"off,omitempty"` // its user may not log in: it neither registers nor rings
}

// MWI is how a phone hears of voice messages (message waiting indication, RFC 3842).
type MWI string

// The ways of it.
const (
	MWISubscribe   MWI = "subscribe"   // it asks to be told
	MWIUnsolicited MWI = "unsolicited" // it is told without having asked
)

// Binding is where a registered device or PBX is reached now (RFC 3261 §10).
type Binding struct {
	Device   string    `json:"device"`   // empty for a PBX
	Contact  string    `json:"contact"`  // URI
	Received string    `json:"received"` // transport and address the REGISTER came from: "udp:198.51.100.7:5060"
	Path     []string  `json:"path,omitempty"`
	CallID   string    `json:"-"`
	CSeq     uint32    `json:"-"`
	Node     string    `json:"node"`
	Agent    string    `json:"agent"`
	Since    time.Time `json:"since"` // there without a gap since then
	Expires  time.Time `json:"expires"`
}

// Registers tells that this is a PBX that registers here: where it does so is where calls to it go.
func (t Trunk) Registers() bool { return t.Host == "" }

// known is what the dial plan knows of it.
func (t Trunk) known() dialplan.Trunk {
	return dialplan.Trunk{ID: t.ID, Kind: t.Kind, Register: t.Register, Username: t.Username, CallerID: t.CallerID,
		Prefix: t.Prefix, Format: t.Format, MaxCalls: t.MaxCalls, ShowsCaller: t.ShowsCaller}
}

// Meeting is what people are invited to and meet in, again and again.
type Meeting struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Owner   string    `json:"owner"`
	About   []About   `json:"about"`
	People  []string  `json:"people"` // ids of the users who are invited, besides the owner
	Created time.Time `json:"created"`
	Version int64     `json:"version"` // grows with each change
}

// About points to what a meeting is about; what it means is known to the CRM alone.
type About struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}
