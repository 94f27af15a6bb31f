package stack

import (
	"context"

	proto "github.com/emiago/sipgo/sip"
)

// Write sends a request of ours that has no transaction: an ACK.
func (s *Stack) Write(req *proto.Request) error {
	ctx, cancel := context.WithTimeout(context.Background(), shakeFor)
	defer cancel()
	if Socketed(req.Transport()) {
		return s.over(req, req.Transport(), req.Destination())
	}
	if err := s.connect(ctx, req); err != nil {
		return err
	}
	return s.Net.WriteMsg(req)
}

// over sends over the connection that there is.
func (s *Stack) over(m proto.Message, transport, addr string) error {
	conn, err := s.connection(transport, addr)
	if err != nil {
		return err
	}
	defer conn.TryClose()
	return conn.WriteMsg(m)
}

// socket is the one of a transport from an address.
func (s *Stack) socket(transport, addr string) (proto.Connection, error) {
	if transport == "WSS" {
		return s.WSS.find(addr)
	}
	return s.WS.find(addr)
}

// connection is the open one of a transport to an address; the caller gives it back by TryClose.
func (s *Stack) connection(transport, addr string) (proto.Connection, error) {
	if Socketed(transport) {
		return s.socket(transport, addr)
	}
	return s.Net.GetConnection(transport, addr)
}
