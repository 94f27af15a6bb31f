package sip

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/lines"
	"frontdesk/sip/stack"
)

// account is who logs in here: a phone, or a PBX that registers as a trunk of ours.
type account struct {
	device directory.Device
	trunk  directory.Trunk // ID empty: it is the phone
}

func (a account) isTrunk() bool { return a.trunk.ID != "" }

func (a account) username() string {
	if a.isTrunk() {
		return strings.ToLower(a.trunk.InUsername)
	}
	return a.device.Username
}

// secrets are the HA1s that we keep; empty for nobody.
func (a account) secrets() (ha1, ha1SHA string) {
	if a.isTrunk() {
		return a.trunk.InHA1, a.trunk.InHA1SHA
	}
	return a.device.HA1, a.device.HA1SHA
}

// login is what its registrations rest on.
func (a account) login() string {
	if a.isTrunk() {
		return a.trunk.Login()
	}
	return a.device.Login()
}

// permits tells whether the account may be used from addr: that of a trunk is bound to the networks that were set for
// it.
func (a account) permits(addr netip.Addr) bool {
	list := lines.Networks(a.trunk.Allow)
	for _, n := range list {
		if n.Contains(addr) {
			return true
		}
	}
	return len(list) == 0
}

// account finds whose name that is. Nobody's is looked for in the same places, so that it takes the same time.
func (s *Server) account(ctx context.Context, username string) (a account, err error) {
	device, err1 := s.dir.Digest(ctx, strings.ToLower(username))
	trunk, err2 := s.dir.TrunkLogin(ctx, username)
	for _, err := range []error{err1, err2} {
		if err != nil && !errors.Is(err, pbx.ErrNotFound) {
			return account{}, err
		}
	}
	if err1 == nil {
		return account{device: device}, nil
	}
	return account{trunk: trunk}, nil
}

// authenticate lets in who knows the password of a phone or PBX; everybody else is answered here, known or not alike.
func (s *Server) authenticate(ctx context.Context, req *proto.Request, tx *proto.ServerTx) (account, bool) {
	cred := s.CredentialsIn(req)
	v := s.Stands(req, cred)
	if v != stack.Right {
		return account{}, s.Settle(req, tx, cred, v, s.cfg.SHA256)
	}
	from := s.Origin(req)
	if !s.Guard.Enter(from) {
		return account{}, s.TooMany(req, tx)
	}
	defer s.Guard.Leave(from)
	a, err := s.account(ctx, cred.Username)
	if err != nil {
		s.Log.Error("sip: account not read", "err", err)
		s.tryAnother(req, tx)
		return account{}, false
	}
	ha1, ha1SHA := a.secrets()
	v = s.Check(req, cred, ha1, ha1SHA)
	if v == stack.Right && !a.permits(from.At.Addr()) {
		s.Log.Info("sip: log-in of a trunk from elsewhere than its networks", "from", from, "trunk", a.trunk.ID)
		v = stack.Wrong
	}
	return a, s.Settle(req, tx, cred, v, s.cfg.SHA256) && s.paced(req, tx, a)
}

// paced refuses who knows the password and asks too often, until later; calls of a PBX are as many as its line may
// carry.
func (s *Server) paced(req *proto.Request, tx *proto.ServerTx, a account) bool {
	if a.isTrunk() && req.IsInvite() || s.Guard.Paced(a.username(), string(req.Method)) {
		return true
	}
	return s.TooMany(req, tx)
}
