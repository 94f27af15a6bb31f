package directory

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
	Transport  string    `json:"transport"`   // udp, tcp, tls
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
	SRTP       SRTP      `json:"srtp"`        // whether its sound is encrypted
	Strict     bool      `json:"strict"`      // sound is taken only from the address and port that its descriptions name
	Active     bool      `json:"active"`

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

// Number is a rented number (DID) and where its calls go.
type Number struct {
	E164        string      `json:"e164"`
	Trunk       string      `json:"trunk"`
	Label       string      `json:"label"`
	Destination Destination `json:"destination"`
	Timed
}

// Destination of a number, an extension or a hunt group.
type Destination struct {
	Responsible bool     `json:"responsible"` // first the client's responsible user
	Kind        string   `json:"kind"`        // user, group, hunt_group, queue, meeting, menu, voicemail; refuse, of what is closed alone
	User        string   `json:"user,omitempty"`
	Users       []string `json:"users,omitempty"`      // group
	HuntGroup   string   `json:"hunt_group,omitempty"` // id
	Queue       string   `json:"queue,omitempty"`      // id
	Meeting     string   `json:"meeting,omitempty"`
	Menu        string   `json:"menu,omitempty"`
	Voicemail   string   `json:"voicemail,omitempty"` // id of the box
	Seconds     int      `json:"seconds"`             // how long each step rings, default 25

	Then *Destination `json:"then,omitempty"` // of user and group: where calls go that nobody takes
}

// Extension is a short internal number.
type Extension struct {
	Number string `json:"number"`
	Destination
	Timed
}

// Device is a desk phone's account.
type Device struct {
	ID       string `json:"id"`
	User     string `json:"user"`
	Username string `json:"username"`
	HA1      string `json:"-"` // MD5(username:realm:password), RFC 7616 §3.4.2
	HA1SHA   string `json:"-"` // the same with SHA-256
	Label    string `json:"label"`
	SRTP     SRTP   `json:"srtp"`          // whether its sound is encrypted
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

// refused is the kind of a destination that turns calls away, of what is closed alone.
const refused = "refuse"

// toGroup is the kind of a destination that is a hunt group.
const toGroup = "hunt_group"

// Timed has a number or extension lead elsewhere while a schedule is closed.
type Timed struct {
	Schedule string       `json:"schedule,omitempty"` // id; empty: it leads to the same at any time
	Closed   *Destination `json:"closed,omitempty"`   // there with a schedule
}

// meetings are those that a destination leads to, at whatever time.
func (t Timed) meetings(to Destination) []string {
	if t.Closed == nil {
		return []string{to.Meeting}
	}
	return []string{to.Meeting, t.Closed.Meeting}
}

// people are those who are rung together, at whatever time.
func (t Timed) people(to Destination) [][]string {
	if t.Closed == nil {
		return [][]string{to.Users}
	}
	return [][]string{to.Users, t.Closed.Users}
}

// Handling is how a user wants to be called. Without any, his phones ring and no more.
type Handling struct {
	DND      bool           `json:"dnd" doc:"Do not disturb: nothing rings; a call goes where it goes when the user is busy"`
	Always   *Forward       `json:"always,omitempty" doc:"Where calls go instead of ringing the user"`
	Busy     *Forward       `json:"busy,omitempty" doc:"Where they go when the user is in a call, declines, or is not to be disturbed"`
	NoAnswer *Forward       `json:"no_answer,omitempty" doc:"Where they go when the user does not answer"`
	Offline  *Forward       `json:"offline,omitempty" doc:"Where they go when the user has no phone that could ring"`
	Seconds  int            `json:"seconds,omitempty" doc:"How long the user is rung before calls go on; 0: as long as who is called by himself is"`
	Waiting  bool           `json:"waiting,omitempty" doc:"Call waiting: the user is rung while he is in a call, too"`
	Hours    *PersonalHours `json:"hours,omitempty" doc:"When the user wants to be rung; left out: at any time"`
}

// Forward is where calls of a user go.
type Forward struct {
	Kind    string `json:"kind" enum:"user,extension,number" doc:"A colleague, an extension (a group, a meeting), or a number outside"`
	User    string `json:"user,omitempty" doc:"Id of the colleague"`
	Number  string `json:"number,omitempty" doc:"Of the extension, or outside"`
	Confirm bool   `json:"confirm,omitempty" doc:"Who answers outside takes the call by pressing 1: no mobile's voicemail ever does"`
}

// PersonalHours are when a user wants to be rung.
type PersonalHours struct {
	Zone   string         `json:"zone" maxLength:"60" doc:"Of the IANA database: Europe/Bucharest"`
	Hours  []WorkingHours `json:"hours" minItems:"1" maxItems:"50"`
	Closed *Forward       `json:"closed,omitempty" doc:"Where calls go outside of them; left out: as when the user is not reachable"`
}
