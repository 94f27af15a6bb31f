package sip

import (
	"cmp"
	"fmt"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/trunks"
)

// encryption is what the setting of a phone or trunk comes to where signalling goes over a transport. Keys stand in
// the descriptions (RFC 4568 §8.3), so over one that can be read they are offered only where the administrator says
// so; what the peer offers there is taken. Not ok: encryption is required, and would be none.
func (c *core) encryption(setting directory.SRTP, transport string) (e rtp.Encryption, ok bool) {
	private := transport == "TLS" || transport == "WSS" || c.cfg.ClearKeys
	switch {
	case setting == directory.SRTPOff:
		return rtp.Plain, true
	case setting == directory.SRTPRequired:
		return rtp.Required, private
	case private:
		return rtp.Offered, true
	default:
		return rtp.Taken, true
	}
}

// encrypted is encryption for a call of ours.
func (c *core) encrypted(setting directory.SRTP, transport string) (rtp.Encryption, error) {
	e, ok := c.encryption(setting, transport)
	if !ok {
		return e, fmt.Errorf("sip: encrypted sound is required, and %s is not TLS: %w", transport, pbx.ErrNobody)
	}
	return e, nil
}

// encryptFor sets what holds at a trunk, there and at all that are tried instead.
func (d *destination) encryptFor(s *Server, t *trunks.Trunk) (err error) {
	d.encrypt, err = s.encrypted(t.SRTP, cmp.Or(d.Far, d.Transport))
	for i := range d.others {
		if err == nil {
			err = d.others[i].encryptFor(s, t)
		}
	}
	return err
}

// readAloud refuses a call whose keys anybody could read.
func readAloud() edge.Refusal {
	return edge.Refusal{Code: 488, Phrase: "Not Acceptable Here",
		Headers: warn(399, "Encrypted sound is required here, and its keys need TLS: call over TLS")}
}
