package rtp

import (
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"frontdesk/media/net"
)

// Keys are what both sides of a stream seal with; the zero value is plain RTP. They are comparable.
type Keys struct {
	profile srtp.ProtectionProfile
	key     int    // bytes of a master that are its key; the rest is salt
	in, out string // masters
}

const replayWindow = 128 // packets (RFC 3711 §3.3.2)

// secure opens what the peer sends and seals what it gets (RFC 3711). Each direction of RTP and RTCP has its own
// context, because each is another goroutine's.
type secure struct {
	keys                           Keys
	in, inControl, out, outControl *srtp.Context

	inHeader, outHeader rtp.Header
	opened, sealed      [net.MaxDatagram]byte
}

// newSecure is nil for plain RTP. A direction whose key is that of before goes on: what was received is known, and no
// key stream is used twice.
func newSecure(k Keys, before *secure) (*secure, error) {
	if k == (Keys{}) {
		return nil, nil
	}
	s := &secure{keys: k}
	if before == nil || before.keys.profile != k.profile {
		before = &secure{}
	}
	err := k.contexts(k.in, before.keys.in, &s.in, before.in, &s.inControl, before.inControl)
	if err == nil {
		err = k.contexts(k.out, before.keys.out, &s.out, before.out, &s.outControl, before.outControl)
	}
	return s, err
}

// contexts makes those of one direction, of RTP and of RTCP.
func (k Keys) contexts(master, before string, rtp **srtp.Context, oldRTP *srtp.Context, control **srtp.Context,
	oldControl *srtp.Context) (err error) {
	if master == before {
		*rtp, *control = oldRTP, oldControl
		return nil
	}
	for _, to := range []**srtp.Context{rtp, control} {
		*to, err = srtp.CreateContext([]byte(master[:k.key]), []byte(master[k.key:]), k.profile,
			srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
		if err != nil {
			return err
		}
	}
	return nil
}

// open is the packet in data, until the next one; not ok when it is forged or repeated. Of the reader.
func (s *secure) open(data []byte) (plain []byte, ok bool) {
	plain, err := s.in.DecryptRTP(s.opened[:0], data, &s.inHeader)
	return plain, err == nil
}

// seal is plain as it goes to the peer, until the next one. Of the writers.
func (s *secure) seal(plain []byte) (data []byte, ok bool) {
	data, err := s.out.EncryptRTP(s.sealed[:0], plain, &s.outHeader)
	return data, err == nil
}

// openControl is open for RTCP. Reports are few: these allocate.
func (s *secure) openControl(data []byte) (plain []byte, ok bool) {
	plain, err := s.inControl.DecryptRTCP(nil, data, nil)
	return plain, err == nil
}

func (s *secure) sealControl(plain []byte) (data []byte, ok bool) {
	data, err := s.outControl.EncryptRTCP(nil, plain, nil)
	return data, err == nil
}
