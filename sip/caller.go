package sip

import (
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/rtp"
	"frontdesk/sip/trunks"
)

// caller is who an INVITE is from.
type caller struct {
	party   pbx.Party
	codecs  []media.Codec
	dialled string
	srtp    directory.SRTP
	encrypt rtp.Encryption
	trunk   *trunks.Trunk // whose calls this one is counted among
}

func (c caller) release() {
	if c.trunk != nil {
		c.trunk.Calls.Add(-1)
	}
}

// callerFrom counts a call of a trunk in.
func callerFrom(t *trunks.Trunk, req *proto.Request) caller {
	t.Calls.Add(1)
	return caller{party: t.Caller(req), srtp: t.SRTP, codecs: codecsNamed(t.Codecs), dialled: t.Dialled(req), trunk: t}
}

// codecsNamed are those of a trunk's list that we can negotiate.
func codecsNamed(names []string) (list []media.Codec) {
	for _, n := range names {
		for _, c := range []media.Codec{media.PCMA(), media.PCMU(), media.G722()} {
			if strings.EqualFold(c.Name, n) {
				list = append(list, c)
			}
		}
	}
	return list
}
