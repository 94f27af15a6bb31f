package sfu

import (
	"strconv"
	"strings"

	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
)

const packetSize = 1500 // the most that one brings

// transportCC is the header extension that numbers all packets of a connection.
const TransportCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

func codecFor(list []pion.RTPCodecParameters, codec media.Codec) (pion.RTPCodecParameters, bool) {
	for _, c := range list {
		_, name, _ := strings.Cut(c.MimeType, "/")
		if codec.Is(media.Codec{Name: name, Clock: c.ClockRate}) {
			return c, true
		}
	}
	return pion.RTPCodecParameters{}, false
}

// repairType is the payload type of the retransmissions of pt; 0 when there is none.
func repairType(list []pion.RTPCodecParameters, pt pion.PayloadType) uint8 {
	for _, c := range list {
		if strings.EqualFold(c.MimeType, "video/rtx") && c.SDPFmtpLine == "apt="+strconv.Itoa(int(pt)) {
			return uint8(c.PayloadType)
		}
	}
	return 0
}

func extensionID(list []pion.RTPHeaderExtensionParameter, uri string) uint8 {
	for _, e := range list {
		if e.URI == uri {
			return uint8(e.ID)
		}
	}
	return 0
}

// redType is the payload type in which sound of a codec goes out redundant; 0 when the browser takes none.
func redType(list []pion.RTPCodecParameters, codec pion.RTPCodecParameters) uint8 {
	for _, c := range list {
		if strings.EqualFold(c.MimeType, "audio/"+RED) &&
			strings.HasPrefix(c.SDPFmtpLine, strconv.Itoa(int(codec.PayloadType))+"/") {
			return uint8(c.PayloadType)
		}
	}
	return 0
}
