package secondfactor

import (
	"encoding/json"
	"net/netip"

	"frontdesk/crmcore/people"
	"frontdesk/guard"
)

// Policy is what the company asks for log-ins, and how long it knows who did what.
type Policy struct {
	SecondFactor string `json:"second_factor" enum:",admins,everybody" doc:"Who has to prove himself by a second factor"`
	AuditDays    int    `json:"audit_days" minimum:"30" maximum:"3650" doc:"For how long it is known who did what"`

	Networks []string `json:"networks,omitempty" maxItems:"100" doc:"Addresses and networks that people and API tokens may come from; none: any"`
}

// Setting is the name that the policy is kept by.
const Setting = "security"

const usualDays = 400

// Demands tells whether somebody in a role has to have a second factor.
func (p Policy) Demands(role people.Role) bool {
	return p.SecondFactor == "everybody" || p.SecondFactor == "admins" && role == people.Admin
}

// Admits tells whether somebody at an address may log in, or be logged in. What is no address is nowhere.
func (p Policy) Admits(ip string) bool {
	if len(p.Networks) == 0 {
		return true
	}
	all, err := guard.ParseNetworks(p.Networks)
	at, wrong := netip.ParseAddr(ip)
	return err == nil && wrong == nil && all.Contain(at)
}

// ReadPolicy reads one as it is kept; "": the usual one.
func ReadPolicy(kept string) (Policy, error) {
	p := Policy{AuditDays: usualDays}
	if kept == "" {
		return p, nil
	}
	return p, json.Unmarshal([]byte(kept), &p)
}
