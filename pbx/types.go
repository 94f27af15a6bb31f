package pbx

import "time"

// TrunkKind tells a carrier from a company's own PBX.
type TrunkKind string

const (
	Carrier TrunkKind = "carrier"
	PBX     TrunkKind = "pbx"
)

// Trunk is a line to the outside: rented numbers, or an existing PBX.
type Trunk struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Kind       TrunkKind `json:"kind"`
	Host       string    `json:"host"`        // where calls go: host or host:port; empty: a PBX that registers here, with InUsername
	Transport  string    `json:"transport"`   // udp, tcp
	Register   bool      `json:"register"`    // we register there; otherwise the peer is known by its address
	Username   string    `json:"username"`    // for digest, ours at the peer
	Password   string    `json:"-"`           // never leaves the server
	Allow      []string  `json:"allow"`       // addresses or CIDRs calls may come from, besides Host
	InUsername string    `json:"in_username"` // digest the peer must use towards us, when set …
	InHA1      string    `json:"-"`           // … kept as MD5 HA1 …
	InHA1SHA   string    `json:"-"`           // … and, for a PBX that registers here, with SHA-256
	Codecs     []string  `json:"codecs"`      // offered to it, in this order
	CallerID   string    `json:"caller_id"`   // E.164 shown when a user has none of his own
	Prefix     string    `json:"prefix"`      // kind pbx: numbers of its extensions begin with this (stripped when dialled)
	Format     string    `json:"format"`      // how it wants outside numbers: plus (+40…, the default), digits (40…), national (0…)
	MaxCalls   int       `json:"max_calls"`   // 0: no limit
	Strict     bool      `json:"strict"`      // sound is taken only from the address and port that its descriptions name
	Active     bool      `json:"active"`
}

// Number is a rented number (DID) and where its calls go.
type Number struct {
	E164        string      `json:"e164"`
	Trunk       string      `json:"trunk"`
	Label       string      `json:"label"`
	Destination Destination `json:"destination"`
}

// Destination of a number or extension.
type Destination struct {
	Responsible bool     `json:"responsible"` // first the client's responsible user
	Kind        string   `json:"kind"`        // user, group, meeting
	User        string   `json:"user,omitempty"`
	Users       []string `json:"users,omitempty"` // group
	Meeting     string   `json:"meeting,omitempty"`
	Seconds     int      `json:"seconds"` // how long each step rings, default 25
}

// Extension is a short internal number.
type Extension struct {
	Number string `json:"number"`
	Destination
}

// Device is a desk phone's account.
type Device struct {
	ID       string `json:"id"`
	User     string `json:"user"`
	Username string `json:"username"`
	HA1      string `json:"-"` // MD5(username:realm:password), RFC 7616 §3.4.2
	HA1SHA   string `json:"-"` // the same with SHA-256
	Label    string `json:"label"`
	Off      bool   `json:"off,omitempty"` // its user may not log in: it neither registers nor rings
}

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

// Meeting is a video room.
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

// Record is what remains of a call.
type Record struct {
	ID        string    `json:"id"`
	Direction string    `json:"direction"` // in, out, internal, meeting
	From      string    `json:"from"`      // E.164, extension or raw
	FromName  string    `json:"from_name"`
	To        string    `json:"to"`                // E.164, extension or as dialled; the title of a meeting
	Meeting   string    `json:"meeting,omitempty"` // that it is the record of, or a call into
	Line      string    `json:"line"`              // our number it came through or went out with
	Trunk     string    `json:"trunk"`
	Users     []string  `json:"users"`            // ours who took part: who answered or called first
	Rang      []string  `json:"rang"`             // users whose phones rang
	Guests    []Guest   `json:"guests,omitempty"` // of a meeting: others who came in by phone
	Started   time.Time `json:"started"`
	Answered  time.Time `json:"answered"` // zero when it was not
	Ended     time.Time `json:"ended"`
	Outcome   string    `json:"outcome"` // answered, missed, busy, declined, cancelled, failed
	Cause     Cause     `json:"cause"`
}

// Guest is somebody from outside in a meeting.
type Guest struct {
	Number string `json:"number"` // E.164 or raw; empty when withheld
	Name   string `json:"name"`   // as the wire gave it
}

// View is a running call as everybody in it may see it. It is told whenever it changes.
type View struct {
	Call      string    `json:"call"`
	Node      string    `json:"node"`      // that runs it
	Direction string    `json:"direction"` // as in Record
	State     string    `json:"state"`     // routing, ringing, answered, ended
	From      string    `json:"from"`
	FromName  string    `json:"from_name"`
	To        string    `json:"to"`
	Line      string    `json:"line"`
	Meeting   string    `json:"meeting,omitempty"`
	Started   time.Time `json:"started"`
	Answered  time.Time `json:"answered"`
	Cause     Cause     `json:"cause"`
	Outcome   string    `json:"outcome"`
	Legs      []LegView `json:"legs"`
	Knocks    []string  `json:"knocks,omitempty"`   // of a meeting: users who ask to be let in
	Transfer  *Transfer `json:"transfer,omitempty"` // to somebody who has not answered yet; also the last one, when it came to nothing
}

// Transfer is the state of a blind transfer.
type Transfer struct {
	By    string `json:"by,omitempty"`   // the user who transfers
	Leg   string `json:"leg"`            // his leg; while he is called back that is gone
	Peer  string `json:"peer"`           // leg of who is transferred
	To    string `json:"to"`             // number or extension
	User  string `json:"user,omitempty"` // whose it is, where it is one user's
	State string `json:"state"`          // calling, ringing; failed: the call is with who transferred; back: he has hung up and is being called for it
	Cause Cause  `json:"cause,omitempty"`
}

// LegView is one party of a View.
type LegView struct {
	Leg    string    `json:"leg"`
	Kind   PartyKind `json:"kind"`
	User   string    `json:"user,omitempty"`
	Number string    `json:"number"`
	Name   string    `json:"name"`
	State  string    `json:"state"` // calling, ringing, active, gone; of a meeting also failed: was called in, in vain
	Held   bool      `json:"held"`  // this party put the other on hold
	Muted  bool      `json:"muted"`
	Camera bool      `json:"camera"`
	Cause  Cause     `json:"cause"`
	Call   string    `json:"call,omitempty"` // of who is in a meeting from outside: the id of his own record
	By     string    `json:"by,omitempty"`   // and the user who had him called; of a call: the user who transferred it to this party
}
