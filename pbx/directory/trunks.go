package directory

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
)

const trunkColumns = `id, name, kind, host, transport, register, username, password, allow, in_username, in_ha1, in_ha1_sha, codecs, caller_id, prefix, format, max_calls, active, strict, shows_caller, srtp, proxy, shows, believes, dtmf, ping, verifies`

func scanTrunk(row store.Row) (t Trunk, err error) {
	var allow, codecs string
	err = row.Scan(&t.ID, &t.Name, &t.Kind, &t.Host, &t.Transport, &t.Register, &t.Username, &t.Password, &allow,
		&t.InUsername, &t.InHA1, &t.InHA1SHA,
		&codecs, &t.CallerID, &t.Prefix, &t.Format, &t.MaxCalls, &t.Active, &t.Strict, &t.ShowsCaller, &t.SRTP,
		&t.Proxy, &t.Shows, &t.Believes, &t.DTMF, &t.Ping, &t.Verifies)
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
	return store.Collect(rows, err, scanTrunk)
}

// Trunk is one trunk; ErrNotFound.
func (d *Directory) Trunk(ctx context.Context, id string) (Trunk, error) {
	t, err := scanTrunk(d.db.QueryRow(ctx, `SELECT `+trunkColumns+` FROM trunk WHERE id = $1`, id))
	return t, store.Found(err)
}

// TrunkLogin is the active trunk whose PBX registers here with that user name; ErrNotFound.
func (d *Directory) TrunkLogin(ctx context.Context, username string) (Trunk, error) {
	t, err := scanTrunk(d.db.QueryRow(ctx, `SELECT `+trunkColumns+
		` FROM trunk WHERE host = '' AND in_username = $1 AND active`, username))
	return t, store.Found(err)
}

// SaveTrunk creates the trunk (ID empty: it gets one) or updates it. On an update an empty Password or InHA1 keeps the
// old one, unless its user name is empty as well. Where the login of a PBX that registers here changes, its
// registrations end. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveTrunk(ctx context.Context, t *Trunk) error {
	if err := d.checkTrunk(t); err != nil {
		return err
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if t.ID == "" {
			return insertTrunk(ctx, tx, t)
		}
		return updateTrunk(ctx, tx, t)
	})
	if err == nil {
		d.touched()
	}
	return err
}

func insertTrunk(ctx context.Context, tx *store.Tx, t *Trunk) error {
	if err := mayRegister(ctx, tx, t); err != nil {
		return err
	}
	t.ID = store.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO trunk (`+trunkColumns+`) VALUES (`+numbered(trunkColumns, "$%[2]d")+`)`,
		trunkValues(t)...)
	return err
}

func updateTrunk(ctx context.Context, tx *store.Tx, t *Trunk) error {
	old, err := scanTrunk(tx.QueryRow(ctx, `SELECT `+trunkColumns+` FROM trunk WHERE id = $1`, t.ID))
	if err != nil {
		return store.Found(err)
	}
	t.keep(old)
	if err := mayRegister(ctx, tx, t); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE trunk SET `+numbered(trunkColumns, "%[1]s = $%[2]d")+` WHERE id = $1`, trunkValues(t)...)
	if err == nil && !(t.Registers() && t.Active && t.InUsername == old.InUsername && t.InHA1 == old.InHA1 &&
		slices.Equal(t.Allow, old.Allow)) {
		_, err = tx.Exec(ctx, `DELETE FROM trunk_binding WHERE trunk = $1`, t.ID)
	}
	return err
}

// keep takes over the secrets that are not given anew.
func (t *Trunk) keep(old Trunk) {
	if t.Password == "" && t.Username != "" {
		t.Password = old.Password
	}
	if t.InHA1 == "" && t.InUsername == old.InUsername {
		t.InHA1, t.InHA1SHA = old.InHA1, old.InHA1SHA
	}
}

func trunkValues(t *Trunk) []any {
	return []any{t.ID, t.Name, string(t.Kind), t.Host, t.Transport, t.Register, t.Username, t.Password, asJSON(t.Allow),
		t.InUsername, t.InHA1, t.InHA1SHA,
		asJSON(t.Codecs), t.CallerID, t.Prefix, t.Format, t.MaxCalls, t.Active, t.Strict, t.ShowsCaller, t.SRTP,
		t.Proxy, t.Shows, t.Believes, t.DTMF, t.Ping, t.Verifies}
}

// mayRegister checks the login of a PBX that registers here: there is one, and it is nobody else's.
func mayRegister(ctx context.Context, tx *store.Tx, t *Trunk) error {
	switch {
	case !t.Registers():
		return nil
	case t.InHA1 == "" || t.InHA1SHA == "":
		return input.Refuse("in_password", "give the password that the PBX registers with")
	}
	var others int
	err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM device WHERE username = $1) + (SELECT count(*) FROM trunk WHERE host = '' AND lower(in_username) = $1 AND id <> $2)`,
		strings.ToLower(t.InUsername), t.ID).Scan(&others)
	if err == nil && others > 0 {
		return input.Refuse("in_username", "%q is the user name of a desk phone or of another trunk", t.InUsername)
	}
	return err
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
	route, err := d.routedBy(ctx, func(r dialplan.OutboundRoute) bool { return slices.Contains(r.Trunks, id) })
	if err != nil {
		return err
	}
	if route != "" {
		return fmt.Errorf("the route %s goes over it: %w", route, ErrInUse)
	}
	return d.write(ctx, `DELETE FROM trunk WHERE id = $1`, id)
}

// Believed is what a call of the trunk tells us who calls by. Where nothing is set: a carrier's word, as it lets nobody
// else write P-Asserted-Identity (RFC 3325 §5); of a PBX nothing but From, as it may pass on what its phones write.
func (t Trunk) Believed() string {
	switch {
	case t.Believes != "":
		return t.Believes
	case t.Kind == dialplan.PBX:
		return ByFrom
	}
	return ByPAI
}

// checkTrunk validates t and brings it into its stored form.
func (d *Directory) checkTrunk(t *Trunk) error {
	t.Name, t.Host = strings.TrimSpace(t.Name), strings.TrimSpace(t.Host)
	t.Kind, t.Transport, t.Format = cmp.Or(t.Kind, dialplan.Carrier), cmp.Or(t.Transport, "udp"),
		cmp.Or(t.Format, "plus")
	t.SRTP, t.Believes = cmp.Or(t.SRTP, SRTPOffered), t.Believed()
	if t.InUsername == "" {
		t.InHA1, t.InHA1SHA = "", ""
	}
	if t.Allow == nil {
		t.Allow = []string{}
	}
	if len(t.Codecs) == 0 {
		t.Codecs = []string{"PCMA", "PCMU", "G722"}
	}
	switch {
	case t.Name == "" || len(t.Name) > 200:
		return input.Refuse("name", "give the trunk a name of at most 200 characters")
	case t.Kind != dialplan.Carrier && t.Kind != dialplan.PBX:
		return input.Refuse("kind", "must be carrier or pbx")
	case t.Registers() && t.Register:
		return input.Refuse("host", "to log in there, give its host name or address")
	case t.Registers() && !loginName(t.InUsername):
		return input.Refuse("in_username",
			"a PBX that registers here needs a user name: letters, digits, dot, dash, plus and underscore, at most 64")
	case !t.Registers() && !validHost(t.Host):
		return input.Refuse("host",
			"must be a host name or address, with :port if it isn't 5060; leave it empty for a PBX that registers here")
	case !slices.Contains([]string{"udp", "tcp", "tls"}, t.Transport):
		return input.Refuse("transport", "must be udp, tcp or tls")
	case !t.SRTP.valid():
		return input.Refuse("srtp", "must be off, offered or required")
	case t.Register && t.Username == "":
		return input.Refuse("username", "registering needs a user name")
	case !slices.Contains([]string{"plus", "digits", "national"}, t.Format):
		return input.Refuse("format", "must be plus, digits or national")
	case t.Prefix != "" && !dialplan.Digits(t.Prefix, 1, 4):
		return input.Refuse("prefix", "must be one to four digits")
	case t.MaxCalls < 0:
		return input.Refuse("max_calls", "must not be negative; 0 means no limit")
	}
	if err := t.Manners.check(); err != nil {
		return err
	}
	return d.checkTrunkLists(t)
}

func (d *Directory) checkTrunkLists(t *Trunk) error {
	for _, a := range t.Allow {
		if _, err := netip.ParsePrefix(a); err != nil {
			if _, err := netip.ParseAddr(a); err != nil {
				return input.Refuse("allow", "%q is no IP address or network like 198.51.100.0/24", a)
			}
		}
	}
	for _, name := range t.Codecs {
		if !slices.Contains([]string{"PCMA", "PCMU", "G722", "opus"}, name) {
			return input.Refuse("codecs", "%q is not one of PCMA, PCMU, G722, opus", name)
		}
	}
	if t.CallerID != "" {
		e164, ok := dialplan.Normalise(t.CallerID, d.config.Region)
		if !ok {
			return input.Refuse("caller_id", "%q is no telephone number", t.CallerID)
		}
		t.CallerID = e164
	}
	return nil
}

// SetLogin makes username and password what the other side must log in with.
func (d *Directory) SetLogin(t *Trunk, username, password string) {
	t.InUsername, t.InHA1, t.InHA1SHA = username, d.HA1(username, password), d.ha1SHA(username, password)
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
