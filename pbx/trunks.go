package pbx

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"frontdesk/store"
)

const trunkColumns = `id, name, kind, host, transport, register, username, password, allow, in_username, in_ha1, codecs, caller_id, prefix, format, max_calls, active, strict`

func scanTrunk(row scanner) (t Trunk, err error) {
	var allow, codecs string
	err = row.Scan(&t.ID, &t.Name, &t.Kind, &t.Host, &t.Transport, &t.Register, &t.Username, &t.Password, &allow, &t.InUsername, &t.InHA1,
		&codecs, &t.CallerID, &t.Prefix, &t.Format, &t.MaxCalls, &t.Active, &t.Strict)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(allow), &t.Allow); err != nil {
		return t, fmt.Errorf("trunk %s: allow: %w", t.ID, err)
	}
	if err := json.Unmarshal([]byte(codecs), &t.Codecs); err != nil {
		return t, fmt.Errorf("trunk %s: codecs: %w", t.ID, err)
	}
	return t, nil
}

// Trunks lists all trunks, oldest first.
func (d *Directory) Trunks(ctx context.Context) ([]Trunk, error) {
	rows, err := d.db.Query(ctx, `SELECT `+trunkColumns+` FROM trunk ORDER BY id`)
	return collect(rows, err, scanTrunk)
}

// Trunk is one trunk; ErrNotFound.
func (d *Directory) Trunk(ctx context.Context, id string) (Trunk, error) {
	t, err := scanTrunk(d.db.QueryRow(ctx, `SELECT `+trunkColumns+` FROM trunk WHERE id = $1`, id))
	return t, found(err)
}

// SaveTrunk creates the trunk (ID empty: it gets one) or updates it. On an update an empty Password or InHA1 keeps the old one,
// unless its user name is empty as well. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveTrunk(ctx context.Context, t *Trunk) error {
	if err := d.checkTrunk(t); err != nil {
		return err
	}
	if t.ID == "" {
		return d.insertTrunk(ctx, t)
	}
	return d.write(ctx, `UPDATE trunk SET name = $2, kind = $3, host = $4, transport = $5, register = $6, username = $7,
		password = CASE WHEN $8 = '' AND $7 <> '' THEN password ELSE $8 END, allow = $9, in_username = $10,
		in_ha1 = CASE WHEN $11 = '' AND $10 <> '' THEN in_ha1 ELSE $11 END,
		codecs = $12, caller_id = $13, prefix = $14, format = $15, max_calls = $16, active = $17, strict = $18 WHERE id = $1`, trunkValues(t)...)
}

func (d *Directory) insertTrunk(ctx context.Context, t *Trunk) error {
	t.ID = store.NewID()
	return d.write(ctx, `INSERT INTO trunk (id, name, kind, host, transport, register, username, password, allow, in_username, in_ha1, codecs, caller_id,
		prefix, format, max_calls, active, strict) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, trunkValues(t)...)
}

func trunkValues(t *Trunk) []any {
	return []any{t.ID, t.Name, string(t.Kind), t.Host, t.Transport, t.Register, t.Username, t.Password, asJSON(t.Allow), t.InUsername, t.InHA1,
		asJSON(t.Codecs), t.CallerID, t.Prefix, t.Format, t.MaxCalls, t.Active, t.Strict}
}

// DeleteTrunk removes a trunk; ErrInUse while it has numbers.
func (d *Directory) DeleteTrunk(ctx context.Context, id string) error {
	var numbers int
	if err := d.db.QueryRow(ctx, `SELECT count(*) FROM phone_number WHERE trunk = $1`, id).Scan(&numbers); err != nil {
		return err
	}
	if numbers > 0 {
		return fmt.Errorf("trunk with %d numbers: %w", numbers, ErrInUse)
	}
	return d.write(ctx, `DELETE FROM trunk WHERE id = $1`, id)
}

// checkTrunk validates t and brings it into its stored form.
func (d *Directory) checkTrunk(t *Trunk) error {
	t.Name, t.Host = strings.TrimSpace(t.Name), strings.TrimSpace(t.Host)
	or(&t.Kind, Carrier)
	or(&t.Transport, "udp")
	or(&t.Format, "plus")
	if t.Allow == nil {
		t.Allow = []string{}
	}
	if len(t.Codecs) == 0 {
		t.Codecs = []string{"PCMA", "PCMU", "G722"}
	}
	switch {
	case t.Name == "" || len(t.Name) > 200:
		return invalid("name", "give the trunk a name of at most 200 characters")
	case t.Kind != Carrier && t.Kind != PBX:
		return invalid("kind", "must be carrier or pbx")
	case !validHost(t.Host):
		return invalid("host", "must be a host name or address, with :port if it isn't 5060")
	case t.Transport != "udp" && t.Transport != "tcp":
		return invalid("transport", "must be udp or tcp")
	case t.Register && t.Username == "":
		return invalid("username", "registering needs a user name")
	case !slices.Contains([]string{"plus", "digits", "national"}, t.Format):
		return invalid("format", "must be plus, digits or national")
	case t.Prefix != "" && !digits(t.Prefix, 1, 4):
		return invalid("prefix", "must be one to four digits")
	case t.MaxCalls < 0:
		return invalid("max_calls", "must not be negative; 0 means no limit")
	}
	return d.checkTrunkLists(t)
}

func (d *Directory) checkTrunkLists(t *Trunk) error {
	for _, a := range t.Allow {
		if _, err := netip.ParsePrefix(a); err != nil {
			if _, err := netip.ParseAddr(a); err != nil {
				return invalid("allow", "%q is no IP address or network like 198.51.100.0/24", a)
			}
		}
	}
	for _, name := range t.Codecs {
		if !slices.Contains([]string{"PCMA", "PCMU", "G722", "opus"}, name) {
			return invalid("codecs", "%q is not one of PCMA, PCMU, G722, opus", name)
		}
	}
	if t.CallerID != "" {
		e164, ok := Normalise(t.CallerID, d.config.Region)
		if !ok {
			return invalid("caller_id", "%q is no telephone number", t.CallerID)
		}
		t.CallerID = e164
	}
	return nil
}

func validHost(host string) bool {
	if name, port, err := net.SplitHostPort(host); err == nil {
		return validHost(name) && digits(port, 1, 5)
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return host != "" && len(host) < 254 && strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// digits tells whether s consists of that many digits.
func digits(s string, atLeast, atMost int) bool {
	return len(s) >= atLeast && len(s) <= atMost && strings.Trim(s, "0123456789") == ""
}

// HA1 is MD5(username:realm:password) in hex (RFC 2617 §3.2.2.2), as Trunk.InHA1 keeps it.
func (d *Directory) HA1(username, password string) string {
	sum := md5.Sum([]byte(username + ":" + d.config.Realm + ":" + password))
	return hex.EncodeToString(sum[:])
}

// ha1SHA is the same with SHA-256 (RFC 7616 §3.4.2).
func (d *Directory) ha1SHA(username, password string) string {
	sum := sha256.Sum256([]byte(username + ":" + d.config.Realm + ":" + password))
	return hex.EncodeToString(sum[:])
}
