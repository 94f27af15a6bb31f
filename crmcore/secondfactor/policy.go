package secondfactor

import (
	"encoding/json"

	"frontdesk/crmcore/people"
)

// Policy is what the company asks for log-ins, and how long it knows who did what.
type Policy struct {
	SecondFactor string `json:"second_factor" enum:",admins,everybody" doc:"Who has to prove himself by a second factor"`
	AuditDays    int    `json:"audit_days" minimum:"30" maximum:"3650" doc:"For how long it is known who did what"`
}

// Setting is the name that the policy is kept by.
const Setting = "security"

const usualDays = 400

// Demands tells whether somebody in a role has to have a second factor.
func (p Policy) Demands(role people.Role) bool {
	return p.SecondFactor == "everybody" || p.SecondFactor == "admins" && role == people.Admin
}

// ReadPolicy reads one as it is kept; "": the usual one.
func ReadPolicy(kept string) (Policy, error) {
	p := Policy{AuditDays: usualDays}
	if kept == "" {
		return p, nil
	}
	return p, json.Unmarshal([]byte(kept), &p)
}
