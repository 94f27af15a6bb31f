// Package demodns is the DNS of a demo company.
package demodns

import (
	"fmt"
	"net"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// Names is the demo's whole DNS, so that a machine without internet can prove who writes: one domain publishes SPF and
// DMARC, and no other name exists.
type Names struct {
	conn    net.PacketConn
	texts   map[string]string // TXT by name
	serving sync.WaitGroup
}

// New serves the names of a domain whose mail comes from this machine alone.
func New(domain string) (*Names, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo DNS: %w", err)
	}
	n := &Names{conn: conn, texts: map[string]string{
		domain + ".":             "v=spf1 ip4:127.0.0.0/8 -all",
		"_dmarc." + domain + ".": "v=DMARC1; p=reject",
	}}
	n.serving.Go(n.serve)
	return n, nil
}

// Address is where it answers: host:port, UDP.
func (n *Names) Address() string { return n.conn.LocalAddr().String() }

// Close ends it.
func (n *Names) Close() {
	n.conn.Close()
	n.serving.Wait()
}

func (n *Names) serve() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if reply, err := n.reply(buf[:size]); err == nil {
			n.conn.WriteTo(reply, from)
		}
	}
}

// reply answers one question (RFC 1035 §4.1).
func (n *Names) reply(query []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(question.Name.String())
	m := dnsmessage.Message{
		Header: dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true,
			RecursionDesired: header.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{question},
	}
	text, known := n.texts[name]
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	if known && question.Type == dnsmessage.TypeTXT {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeTXT,
				Class: dnsmessage.ClassINET, TTL: namesHold},
			Body: &dnsmessage.TXTResource{TXT: []string{text}},
		}}
	} else {
		m.Authorities = nowhere()
	}
	return m.Pack()
}

const namesHold = 60 // seconds for which an answer may be believed

// nowhere says of what is not there for how long that holds (RFC 2308 section 3).
func nowhere() []dnsmessage.Resource {
	root := dnsmessage.MustNewName(".")
	return []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: root, Type: dnsmessage.TypeSOA, Class: dnsmessage.ClassINET,
			TTL: namesHold},
		Body: &dnsmessage.SOAResource{NS: root, MBox: root, Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400,
			MinTTL: namesHold},
	}}
}
