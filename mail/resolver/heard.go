package resolver

import (
	"math"
	"net"
	"sync"
	"time"

	"github.com/mjl-/adns"
	"golang.org/x/net/dns/dnsmessage"
)

// heard is what the answers to one question said. Several come where one is asked of two types of records, or again.
type heard struct {
	mu                       sync.Mutex
	answers, authentic, size int
	holds                    uint32 // seconds, the least of all answers
}

// note reads an answer as it came.
func (h *heard) note(packet []byte) {
	if len(packet) < 4 || packet[2]&truncated != 0 { // of the latter, all is asked again over TCP
		return
	}
	holds := holdsFor(packet)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.answers == 0 || holds < h.holds {
		h.holds = holds
	}
	h.answers++
	h.size += len(packet)
	if packet[3]&authenticData != 0 {
		h.authentic++
	}
}

const (
	truncated     = 0x02 // in the first byte of the flags (RFC 1035 section 4.1.1)
	authenticData = 0x20 // in the second (RFC 4035 section 3.2.3)
)

func (h *heard) result() adns.Result {
	h.mu.Lock()
	defer h.mu.Unlock()
	return adns.Result{Authentic: h.answers > 0 && h.answers == h.authentic}
}

// lasting is how long what was heard may be believed, and how large it is. What was not asked of a server holds for
// no time.
func (h *heard) lasting() (time.Duration, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Duration(h.holds) * time.Second, h.size
}

// holdsFor is for how many seconds an answer may be believed: the least TTL of its records. That there is no such
// record holds as long as the zone's SOA says, and without one not at all (RFC 2308 section 5).
func holdsFor(packet []byte) uint32 {
	var p dnsmessage.Parser
	h, err := p.Start(packet)
	if err != nil || h.RCode != dnsmessage.RCodeSuccess && h.RCode != dnsmessage.RCodeNameError {
		return 0
	}
	question, err := p.Question()
	if err != nil || p.SkipAllQuestions() != nil {
		return 0
	}
	least, there := uint32(math.MaxUint32), false
	for {
		record, err := p.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			break
		}
		if err != nil || p.SkipAnswer() != nil {
			return 0
		}
		least, there = min(least, record.TTL), there || record.Type == question.Type
	}
	if there {
		return least
	}
	return min(least, absentFor(&p))
}

// absentFor is what the SOA among the authorities says of records that are not there.
func absentFor(p *dnsmessage.Parser) uint32 {
	for {
		record, err := p.AuthorityHeader()
		if err != nil {
			return 0
		}
		if record.Type != dnsmessage.TypeSOA {
			if p.SkipAuthority() != nil {
				return 0
			}
			continue
		}
		soa, err := p.SOAResource()
		if err != nil {
			return 0
		}
		return min(record.TTL, soa.MinTTL)
	}
}

// datagrams listens to what UDP answers. Of who is trusted the question asks for the AD bit, by setting it (RFC 6840
// section 5.7).
type datagrams struct {
	*net.UDPConn
	heard   *heard
	trusted bool
}

func (c *datagrams) Write(p []byte) (int, error) { return c.UDPConn.Write(asked(p, 0, c.trusted)) }

func (c *datagrams) Read(p []byte) (int, error) {
	n, err := c.UDPConn.Read(p)
	if err == nil {
		c.heard.note(p[:n])
	}
	return n, err
}

// stream is datagrams over TCP: one question, one answer, each behind two bytes of length.
type stream struct {
	net.Conn
	heard   *heard
	trusted bool
	read    []byte
}

func (c *stream) Write(p []byte) (int, error) { return c.Conn.Write(asked(p, 2, c.trusted)) }

func (c *stream) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read = append(c.read, p[:n]...)
	return n, err
}

func (c *stream) Close() error {
	if len(c.read) > 2 {
		c.heard.note(c.read[2:])
	}
	return c.Conn.Close()
}

func asked(question []byte, at int, trusted bool) []byte {
	if !trusted || len(question) <= at+3 {
		return question
	}
	question = append([]byte{}, question...)
	question[at+3] |= authenticData
	return question
}
