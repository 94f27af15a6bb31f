package directory

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
)

// Manners are how a trunk wants to be spoken to.
type Manners struct {
	Proxy    string `json:"proxy"`    // outbound proxy: host or host:port that all goes to; empty: Host itself
	Shows    string `json:"shows"`    // what tells it who calls: see the constants
	Believes string `json:"believes"` // what of its own calls tells us: ByPAI, ByRPID, ByFrom
	DTMF     string `json:"dtmf"`     // keys go to it as rtp (RFC 4733, where it takes that, else info) or info
	Ping     int    `json:"ping"`     // seconds between two OPTIONS; 0: as usual; negative: none
	Verifies bool   `json:"verifies"` // its word on callers' numbers (STIR/SHAKEN, verstat) is believed
}

// What tells who calls, beside From.
const (
	ByPAI     = "pai"     // P-Asserted-Identity (RFC 3325); the default
	ByRPID    = "rpid"    // Remote-Party-ID, of older PBXs
	ByFrom    = "from"    // nothing
	ByAccount = "account" // P-Asserted-Identity; From has the user name that we log in with
)

// DTMFByInfo has keys sent by INFO though the trunk takes them in the sound.
const DTMFByInfo = "info"

// bounds of Ping, in seconds.
const (
	pingLeast = 5
	pingMost  = 3600
)

// check validates m and brings it into its stored form.
func (m *Manners) check() error {
	m.Proxy = strings.TrimSpace(m.Proxy)
	m.Shows, m.DTMF = cmp.Or(m.Shows, ByPAI), cmp.Or(m.DTMF, "rtp")
	switch {
	case m.Proxy != "" && !validHost(m.Proxy):
		return input.Refuse("proxy", "must be a host name or address, with :port if it isn't the usual one")
	case !slices.Contains([]string{ByPAI, ByRPID, ByFrom, ByAccount}, m.Shows):
		return input.Refuse("shows", "must be pai, rpid, from or account")
	case !slices.Contains([]string{ByPAI, ByRPID, ByFrom}, m.Believes):
		return input.Refuse("believes", "must be pai, rpid or from")
	case m.DTMF != "rtp" && m.DTMF != DTMFByInfo:
		return input.Refuse("dtmf", "must be rtp or info")
	case m.Ping > 0 && (m.Ping < pingLeast || m.Ping > pingMost):
		return input.Refuse("ping", "must be %d to %d seconds; 0 means as usual, -1 never", pingLeast, pingMost)
	}
	return nil
}

// Every is the time between two OPTIONS; not positive: none are sent.
func (m Manners) Every(usual time.Duration) time.Duration {
	if m.Ping == 0 || usual <= 0 {
		return usual
	}
	return time.Duration(m.Ping) * time.Second
}

func validHost(host string) bool {
	if name, port, err := net.SplitHostPort(host); err == nil {
		return validHost(name) && dialplan.Digits(port, 1, 5)
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return host != "" && len(host) < 254 && strings.Trim(strings.ToLower(host),
		"abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// loginName tells whether a name can be written in a SIP URI as it is.
func loginName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789._+-") == ""
}
