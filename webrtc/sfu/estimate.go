package sfu

import (
	"time"

	"github.com/pion/rtcp"
)

// What may be sent to one browser, in bit/s.
const (
	firstEstimate = 1_500_000
	leastEstimate = 150_000
	mostEstimate  = 20_000_000
	probeRoom     = 300_000 // above twice what is sent: more can't be told from so little

	decideEvery = 500 * time.Millisecond
	queueing    = 100 * time.Millisecond // of packets on the way that mean that there are too many of them
	baseSpan    = 10 * time.Second       // in which the way was free at least once
	calm        = time.Second            // since it was too much, after which it may rise fast
	muchLoss    = 0.10
	littleLoss  = 0.02
)

// estimate is how much can be sent to a browser, by what it reports of each packet
// (draft-holmer-rmcat-transport-wide-cc-extensions-01): packets that are lost or queue on the way mean less; else it
// rises, as far as what is sent can show that there is room.
type estimate struct {
	bitrate float64
	trip    time.Duration // to the browser and back, the least of late; 0: not known

	next uint16
	sent []stamp // of numbers, each in its place; its length is a power of two

	heardOf bool // the browser reports on packets

	// least of arrival minus departure: of this span and of the one before. The clocks differ, by always the same
	base, before time.Duration
	spanned      time.Time

	since     time.Time // begin of what is counted:
	got, lost int
	bytes     int
	queue     time.Duration // least
	quickest  time.Duration // trip
	lowered   time.Time     // when it was too much last
}

// stamp is a packet that went out and that no report told of.
type stamp struct {
	at   int64 // UnixNano
	seq  uint16
	size uint16
	used bool
}

const (
	leastStamps = 256
	mostStamps  = 4096 // more where reports come late for many packets
)

// stamp numbers a packet that goes out.
func (e *estimate) stamp(size int, now time.Time) uint16 {
	seq := e.next
	e.next++
	s := e.place(seq)
	if s == nil || s.used && e.heardOf && now.UnixNano()-s.at < int64(decideEvery) && len(e.sent) < mostStamps {
		e.grow()
		s = e.place(seq)
	}
	*s = stamp{at: now.UnixNano(), seq: seq, size: uint16(size), used: true}
	return seq
}

// place is that of a number; nil: nothing was sent yet.
func (e *estimate) place(seq uint16) *stamp {
	if len(e.sent) == 0 {
		return nil
	}
	return &e.sent[int(seq)%len(e.sent)]
}

func (e *estimate) grow() {
	before := e.sent
	e.sent = make([]stamp, max(leastStamps, 2*len(before)))
	for _, s := range before {
		if s.used {
			*e.place(s.seq) = s
		}
	}
}

// heard takes a report; true: the estimate was looked at anew.
func (e *estimate) heard(report *rtcp.TransportLayerCC, now time.Time) bool {
	e.heardOf = true
	if e.bitrate == 0 {
		e.bitrate, e.since = firstEstimate, now
	}
	arrival := time.Duration(report.ReferenceTime) * 64 * time.Millisecond
	deltas := report.RecvDeltas
	var last int64
	eachStatus(report, func(seq uint16, came bool) {
		s := e.place(seq)
		known := s != nil && s.used && s.seq == seq
		if known {
			s.used = false // counts once
		}
		if came && len(deltas) > 0 {
			arrival += time.Duration(deltas[0].Delta) * time.Microsecond
			deltas = deltas[1:]
			if known {
				e.arrived(s, arrival, now)
				last = s.at
			}
		} else if known {
			e.lost++
		}
	})
	if trip := time.Duration(now.UnixNano() - last); last != 0 && (e.quickest == 0 || trip < e.quickest) {
		e.quickest = trip
	}
	if now.Sub(e.since) < decideEvery || e.got+e.lost == 0 {
		return false
	}
	e.decide(now)
	return true
}

func (e *estimate) arrived(s *stamp, arrival time.Duration, now time.Time) {
	way := arrival - time.Duration(s.at/1000)*time.Microsecond
	if now.Sub(e.spanned) > baseSpan {
		e.before, e.base, e.spanned = e.base, way, now
		if e.before == 0 {
			e.before = way
		}
	}
	e.base = min(e.base, way)
	queue := way - min(e.base, e.before)
	if e.got == 0 || queue < e.queue {
		e.queue = queue
	}
	e.got++
	e.bytes += int(s.size)
}

func (e *estimate) decide(now time.Time) {
	elapsed := now.Sub(e.since).Seconds()
	lost := float64(e.lost) / float64(e.lost+e.got)
	rate := float64(e.bytes) * 8 / elapsed
	room := max(e.bitrate, 2*rate+probeRoom)
	switch {
	case e.got > 0 && e.queue > queueing:
		e.lower(min(e.bitrate, rate)*0.85, now)
	case lost > muchLoss:
		e.lower(min(e.bitrate, max(rate, leastEstimate))*(1-lost/2), now)
	case lost > littleLoss:
	case now.Sub(e.lowered) < calm:
		e.bitrate = min(room, e.bitrate*1.04)
	default:
		e.bitrate = min(room, e.bitrate*1.3)
	}
	e.bitrate = min(mostEstimate, max(leastEstimate, e.bitrate))
	e.trip = e.quickest
	e.since, e.got, e.lost, e.bytes, e.queue, e.quickest = now, 0, 0, 0, 0, 0
}

func (e *estimate) lower(bitrate float64, now time.Time) { e.bitrate, e.lowered = bitrate, now }

// eachStatus tells of each packet of a report whether it came.
func eachStatus(report *rtcp.TransportLayerCC, tell func(seq uint16, came bool)) {
	seq, left := report.BaseSequenceNumber, int(report.PacketStatusCount)
	one := func(symbol uint16) {
		if left > 0 {
			tell(seq, symbol == rtcp.TypeTCCPacketReceivedSmallDelta || symbol == rtcp.TypeTCCPacketReceivedLargeDelta)
			seq++
			left--
		}
	}
	for _, chunk := range report.PacketChunks {
		switch c := chunk.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				one(c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			for _, symbol := range c.SymbolList {
				one(symbol)
			}
		}
	}
}
