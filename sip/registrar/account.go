package registrar

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// Account is who logs in here: a phone, or a PBX that registers as a trunk of ours.
type Account struct {
	Device directory.Device
	Trunk  directory.Trunk // ID empty: it is the phone
}

// IsTrunk tells a PBX from a phone.
func (a Account) IsTrunk() bool { return a.Trunk.ID != "" }

func (a Account) username() string {
	if a.IsTrunk() {
		return strings.ToLower(a.Trunk.InUsername)
	}
	return a.Device.Username
}

// secrets are the HA1s that we keep; empty for nobody.
func (a Account) secrets() (ha1, ha1SHA string) {
	if a.IsTrunk() {
		return a.Trunk.InHA1, a.Trunk.InHA1SHA
	}
	return a.Device.HA1, a.Device.HA1SHA
}

// login is what its registrations rest on.
func (a Account) login() string {
	if a.IsTrunk() {
		return a.Trunk.Login()
	}
	return a.Device.Login()
}

// permits tells whether the account may be used from addr: that of a trunk is bound to the networks that were set for
// it.
func (a Account) permits(addr netip.Addr) bool {
	list := trunks.Networks(a.Trunk.Allow)
	for _, n := range list {
		if n.Contains(addr) {
			return true
		}
	}
	return len(list) == 0
}

// account finds whose name that is. Nobody's is looked for in the same places, so that it takes the same time.
func (s *Registrar) account(ctx context.Context, username string) (a Account, err error) {
	device, err1 := s.dir.Digest(ctx, strings.ToLower(username))
	trunk, err2 := s.dir.TrunkLogin(ctx, username)
	for _, err := range []error{err1, err2} {
		if err != nil && !errors.Is(err, pbx.ErrNotFound) {
			return Account{}, err
		}
	}
	if err1 == nil {
		return Account{Device: device}, nil
	}
	return Account{Trunk: trunk}, nil
}

// Authenticate lets in who knows the password of a phone or PBX; everybody else is answered here, known or not alike.
func (s *Registrar) Authenticate(ctx context.Context, req *proto.Request, tx *proto.ServerTx) (Account, bool) {
	cred := s.CredentialsIn(req)
	v := s.Stands(req, cred)
	if v != stack.Right {
		return Account{}, s.Settle(req, tx, cred, v, s.cfg.SHA256)
	}
	from := s.Origin(req)
	if !s.Guard.Enter(from) {
		return Account{}, s.TooMany(req, tx)
	}
	defer s.Guard.Leave(from)
	a, err := s.account(ctx, cred.Username)
	if err != nil {
		s.Log.Error("sip: account not read", "err", err)
		s.TryAnother(req, tx)
		return Account{}, false
	}
	ha1, ha1SHA := a.secrets()
	v = s.Check(req, cred, ha1, ha1SHA)
	if v == stack.Right && !a.permits(from.At.Addr()) {
		s.Log.Info("sip: log-in of a trunk from elsewhere than its networks", "from", from, "trunk", a.Trunk.ID)
		v = stack.Wrong
	}
	return a, s.Settle(req, tx, cred, v, s.cfg.SHA256) && s.paced(req, tx, a)
}

// paced refuses who knows the password and asks too often, until later; calls of a PBX are as many as its trunk may
// carry.
func (s *Registrar) paced(req *proto.Request, tx *proto.ServerTx, a Account) bool {
	if a.IsTrunk() && req.IsInvite() || s.Guard.Paced(a.username(), string(req.Method)) {
		return true
	}
	return s.TooMany(req, tx)
}
