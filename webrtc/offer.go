package webrtc

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/sfu"
)

const (
	maxSDP      = 64 << 10 // bytes of a session description
	maxSections = 8        // m-lines of an offer
)

// offer is what a browser proposes, checked and reduced to what we use of it.
type offer struct {
	// to be given to the peer connection: without candidates, which a lite agent has no use for (RFC 8445 §2.5)
	sdp      string
	sections []section
}

// section is one m-line.
type section struct {
	mid      string
	kind     media.Kind
	sends    bool
	receives bool
	formats  []format
	rids     []string // of the sizes that a video is sent in at once, the smallest first; nil: only one
}

// format is one payload type of a section.
type format struct {
	media.Codec
	pt uint8
}

// parseOffer reads and checks a browser's offer.
func parseOffer(text string) (*offer, error) {
	if len(text) > maxSDP {
		return nil, badSDP("larger than 64 KiB")
	}
	var desc sdp.SessionDescription
	if err := desc.UnmarshalString(text); err != nil {
		return nil, badSDP(err.Error())
	}
	if n := len(desc.MediaDescriptions); n == 0 || n > maxSections {
		return nil, badSDP("want 1 to 8 media lines")
	}
	o := &offer{}
	for _, m := range desc.MediaDescriptions {
		if err := checkTransport(&desc, m); err != nil {
			return nil, err
		}
		s, err := parseSection(m)
		if err != nil {
			return nil, err
		}
		o.sections = append(o.sections, s)
		m.Attributes = withoutCandidates(m.Attributes)
	}
	if err := o.checkMids(); err != nil {
		return nil, err
	}
	desc.Attributes = withoutCandidates(desc.Attributes)
	clean, err := desc.Marshal()
	o.sdp = string(clean)
	return o, err
}

// checkTransport wants ICE, a DTLS fingerprint and a peer that lets us be the DTLS server.
func checkTransport(desc *sdp.SessionDescription, m *sdp.MediaDescription) error {
	for _, key := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		if _, ok := attribute(desc, m, key); !ok {
			return badSDP("no a=" + key)
		}
	}
	if setup, _ := attribute(desc, m, "setup"); setup == "passive" || setup == "holdconn" {
		return badSDP("want a=setup:actpass or active")
	}
	return nil
}

// attribute looks in the section first, then in the session.
func attribute(desc *sdp.SessionDescription, m *sdp.MediaDescription, key string) (string, bool) {
	if value, ok := m.Attribute(key); ok {
		return value, true
	}
	return desc.Attribute(key)
}

func parseSection(m *sdp.MediaDescription) (section, error) {
	s := section{kind: media.Kind(m.MediaName.Media), sends: true, receives: true}
	if s.kind != media.Audio && s.kind != media.Video {
		return s, badSDP("a media line is neither audio nor video")
	}
	if s.mid, _ = m.Attribute("mid"); s.mid == "" || len(s.mid) > 16 {
		return s, badSDP("want a=mid of 1 to 16 characters")
	}
	for _, a := range m.Attributes {
		switch a.Key {
		case "sendonly":
			s.receives = false
		case "recvonly":
			s.sends = false
		case "inactive":
			s.sends, s.receives = false, false
		case "simulcast":
			s.rids = parseSimulcast(a.Value)
		}
	}
	s.formats = parseFormats(m)
	for i := range s.formats {
		if s.kind == media.Audio {
			s.formats[i].Channels = max(1, s.formats[i].Channels) // what an rtpmap that is silent about it means
		}
	}
	return s, nil
}

// parseSimulcast reads the streams of "send l;h" (RFC 8853 §5.1); what is more than we take is left out.
func parseSimulcast(value string) (rids []string) {
	fields := strings.Fields(value)
	at := slices.Index(fields, "send")
	if at < 0 || at+1 >= len(fields) {
		return nil
	}
	for _, choices := range strings.Split(fields[at+1], ";") {
		rid, _, _ := strings.Cut(choices, ",")
		if rid = strings.TrimPrefix(rid, "~"); rid != "" && len(rid) <= 16 && len(rids) < sfu.MaxLayers {
			rids = append(rids, rid)
		}
	}
	return rids
}

// sizes are the RIDs of a section, "" where it has none.
func (s section) sizes() []string {
	if len(s.rids) == 0 {
		return []string{""}
	}
	return s.rids
}

// parseFormats lists the payload types that have an rtpmap, as every browser gives for all of them.
func parseFormats(m *sdp.MediaDescription) []format {
	maps, fmtps := map[string]string{}, map[string]string{}
	for _, a := range m.Attributes {
		pt, value, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap":
			maps[pt] = value
		case "fmtp":
			fmtps[pt] = value
		}
	}
	var list []format
	for _, pt := range m.MediaName.Formats {
		if f, ok := parseFormat(pt, maps[pt], fmtps[pt]); ok {
			list = append(list, f)
		}
	}
	return list
}

// parseFormat reads "opus/48000/2" (RFC 8866 §6.6).
func parseFormat(pt, encoding, fmtp string) (format, bool) {
	number, err := strconv.ParseUint(pt, 10, 7)
	parts := strings.Split(encoding, "/")
	if err != nil || len(parts) < 2 {
		return format{}, false
	}
	clock, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil {
		return format{}, false
	}
	f := format{media.Codec{Name: parts[0], Clock: uint32(clock), Fmtp: fmtp}, uint8(number)}
	if len(parts) > 2 {
		channels, _ := strconv.ParseUint(parts[2], 10, 8)
		f.Channels = uint8(channels)
	}
	return f, true
}

func (o *offer) checkMids() error {
	seen := map[string]bool{}
	for _, s := range o.sections {
		if seen[s.mid] {
			return badSDP("two media lines have the same a=mid")
		}
		seen[s.mid] = true
	}
	return nil
}

func withoutCandidates(list []sdp.Attribute) []sdp.Attribute {
	var kept []sdp.Attribute
	for _, a := range list {
		if a.Key != "candidate" && a.Key != "end-of-candidates" {
			kept = append(kept, a)
		}
	}
	return kept
}

const telephoneEvent = "telephone-event"

// find is the first format of a codec, its name spelled as codec's.
func (s section) find(codec media.Codec) (format, bool) {
	for _, f := range s.formats {
		if f.Is(codec) {
			f.Name = codec.Name
			return f, true
		}
	}
	return format{}, false
}

// event is the format of telephone-events at the clock of codec: they share its timestamps (RFC 4733 §2.1).
func (s section) event(codec media.Codec) (format, bool) {
	return s.find(media.Codec{Name: telephoneEvent, Clock: codec.Clock})
}

// rtx is the retransmission format of a format (RFC 4588 §8.6).
func (s section) rtx(of format) (format, bool) {
	for _, f := range s.formats {
		if strings.EqualFold(f.Name, "rtx") && f.Fmtp == "apt="+strconv.Itoa(int(of.pt)) {
			return f, true
		}
	}
	return format{}, false
}

// red is the format in which packets of a format come redundant.
func (s section) red(of format) (format, bool) {
	for _, f := range s.formats {
		if strings.EqualFold(f.Name, sfu.RED) && f.Clock == of.Clock &&
			strings.HasPrefix(f.Fmtp, strconv.Itoa(int(of.pt))+"/") {
			return f, true
		}
	}
	return format{}, false
}

// payloads are the types in which what the browser sends of a codec comes; false: it speaks another.
func (s section) payloads(codec media.Codec) (sfu.Payloads, bool) {
	f, ok := s.find(codec)
	if !ok {
		return sfu.Payloads{}, false
	}
	event, events := s.event(codec)
	red, _ := s.red(f)
	return sfu.Payloads{Codec: f.pt, Event: event.pt, Events: events, RED: red.pt}, true
}

// parameters of the format in pion's terms.
func (f format) parameters(kind media.Kind, feedback ...pion.RTCPFeedback) pion.RTPCodecParameters {
	channels := uint16(f.Channels)
	if channels == 1 {
		channels = 0 // pion leaves it out of the rtpmap then
	}
	return pion.RTPCodecParameters{
		PayloadType: pion.PayloadType(f.pt),
		RTPCodecCapability: pion.RTPCodecCapability{
			MimeType:     string(kind) + "/" + f.Name,
			ClockRate:    f.Clock,
			Channels:     channels,
			SDPFmtpLine:  f.Fmtp,
			RTCPFeedback: feedback,
		},
	}
}

// choose lists the formats of the codecs that the section has, in the order of codecs.
func (s section) choose(codecs []media.Codec) []format {
	var list []format
	for _, codec := range codecs {
		if f, ok := s.find(codec); ok {
			list = append(list, f)
		}
	}
	return list
}

// sounding adds the format of sounds that are made here, where none of the formats is theirs: it stands last, so that
// the browser sends another.
func (s section) sounding(formats []format) []format {
	for _, f := range formats {
		sound, ok := s.find(f.Codec.Sound())
		if !slices.ContainsFunc(formats, func(has format) bool { return has.Is(f.Codec.Sound()) }) && ok {
			return append(slices.Clone(formats), sound)
		}
	}
	return formats
}

// withEvents adds the telephone-events that go with formats.
func (s section) withEvents(formats []format) []format {
	list := slices.Clone(formats)
	for _, f := range formats {
		if event, ok := s.event(f.Codec); ok && !slices.Contains(list, event) {
			list = append(list, event)
		}
	}
	return list
}

// only is the section reduced to formats and their events.
func (s section) only(formats []format) section {
	s.formats = s.withEvents(formats)
	return s
}

// codecs of the section's formats, events left out.
func (s section) codecs() []media.Codec {
	var list []media.Codec
	for _, f := range s.formats {
		if f.Name != telephoneEvent {
			list = append(list, f.Codec)
		}
	}
	return list
}

// answered runs an offer through a connection, see Peer.Answer.
func answered(p *peer.Peer, o *offer, prepare func() error) (string, error) {
	sdp, err := p.Answer(o.sdp, prepare)
	if bad, is := errors.AsType[peer.BadOffer](err); is {
		return "", badSDP(bad.Error())
	}
	return sdp, err
}
