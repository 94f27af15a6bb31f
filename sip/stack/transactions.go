package stack

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	proto "github.com/emiago/sipgo/sip"
)

// transactions gives messages to the transactions of RFC 3261 §17, which are sipgo's. What belongs together comes in
// the order it had on the wire: sipgo's own layer starts a goroutine for each message, so that a 200 overtakes its 183
// and a CANCEL its INVITE.
type transactions struct {
	net   *proto.TransportLayer
	to    handlers
	log   *slog.Logger
	lanes lanes

	mu      sync.Mutex
	clients map[string]*ClientTx
	servers map[string]*proto.ServerTx
}

// handlers are who the transactions are for.
type handlers struct {
	// makes a connection that the library can't
	connect func(ctx context.Context, req *proto.Request) error
	request func(req *proto.Request, tx *proto.ServerTx) // that is no retransmission
	// that no transaction waits for
	stray  func(res *proto.Response)
	answer func(conn proto.Connection, req *proto.Request, code int, phrase string) error // outside a transaction
	drop   func(why string) bool
	udp    func() *udpListener // nil: there is none
	socket func(transport, addr string) (proto.Connection, error)
}

func newTransactions(net *proto.TransportLayer, to handlers, log *slog.Logger) *transactions {
	return &transactions{net: net, to: to, log: log, clients: map[string]*ClientTx{},
		servers: map[string]*proto.ServerTx{}}
}

// take queues a message behind those of the same Call-ID from the same source. It runs in the reader.
func (t *transactions) take(m proto.Message) {
	key := m.Source()
	if id := m.CallID(); id != nil {
		key += "\x00" + string(*id)
	}
	if !t.lanes.run(key, func() { t.handle(m) }) {
		t.to.drop("queue")
	}
}

func (t *transactions) handle(m proto.Message) {
	var err error
	switch m := m.(type) {
	case *proto.Request:
		err = t.request(m)
	case *proto.Response:
		err = t.response(m)
	}
	if err != nil {
		t.log.Debug("sip: message without a transaction", "from", m.Source(), "err", err)
	}
}

// request finds or makes the transaction of a request.
func (t *transactions) request(req *proto.Request) error {
	conn, err := t.wayBack(req)
	if err != nil {
		return err
	}
	key, err := proto.ServerTxKeyMake(req)
	if err != nil { // no transaction can be made of it
		return t.to.answer(conn, req, 400, "Bad Request")
	}
	if req.IsCancel() {
		if invite := t.cancels(req); invite != nil {
			if err := t.to.answer(conn, req, 200, "OK"); err != nil {
				return err
			}
			return invite.Receive(req)
		}
	}
	tx, fresh, err := t.server(key, req, conn)
	switch {
	case err != nil:
		return err
	case fresh:
		t.to.request(req, tx)
		return nil
	default:
		return tx.Receive(req)
	}
}

// cancels finds the INVITE that a CANCEL is for: it differs only in the method (RFC 3261 §9.2).
func (t *transactions) cancels(req *proto.Request) *proto.ServerTx {
	cseq := req.CSeq()
	method := cseq.MethodName
	cseq.MethodName = proto.INVITE
	key, err := proto.ServerTxKeyMake(req)
	cseq.MethodName = method
	if err != nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.servers[key]
}

func (t *transactions) server(key string, req *proto.Request,
	conn proto.Connection) (tx *proto.ServerTx, fresh bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tx = t.servers[key]; tx != nil {
		return tx, false, nil
	}
	tx = proto.NewServerTx(key, req, conn, t.log)
	if err := tx.Init(); err != nil {
		return nil, false, err
	}
	t.servers[key] = tx
	tx.OnTerminate(func(key string, _ error) { t.forget(key) })
	return tx, true, nil
}

func (t *transactions) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.servers, key)
}

// response gives a response to its transaction and waits until its reader has taken it.
func (t *transactions) response(res *proto.Response) error {
	key, err := proto.ClientTxKeyMake(res)
	if err != nil {
		return err
	}
	t.mu.Lock()
	tx := t.clients[key]
	t.mu.Unlock()
	if tx == nil {
		t.to.stray(res)
		return nil
	}
	tx.take(res)
	return nil
}

// begin sends a request, unless its transaction has no reader yet: see clientTx.follow. Further 2xx to an INVITE after
// the first go to more, which may be nil.
func (t *transactions) begin(ctx context.Context, req *proto.Request, more func(*proto.Response)) (*ClientTx, error) {
	key, err := proto.ClientTxKeyMake(req)
	if err != nil {
		return nil, err
	}
	conn, err := t.wayThere(ctx, req)
	if err != nil {
		return nil, err
	}
	tx := &ClientTx{ClientTx: proto.NewClientTx(key, req, conn, t.log), conn: conn, invite: req,
		idle: make(chan struct{})}
	t.mu.Lock()
	t.clients[key] = tx
	t.mu.Unlock()
	tx.OnTerminate(func(key string, _ error) { t.left(key) })
	if more != nil {
		tx.OnRetransmission(more)
	}
	if err := tx.Init(); err != nil {
		tx.Terminate()
		return nil, err
	}
	return tx, nil
}

// wayThere is what a request of ours goes over.
func (t *transactions) wayThere(ctx context.Context, req *proto.Request) (proto.Connection, error) {
	if Socketed(req.Transport()) {
		return t.to.socket(req.Transport(), req.Destination())
	}
	if err := t.to.connect(ctx, req); err != nil {
		return nil, err
	}
	return t.net.ClientRequestConnection(ctx, req)
}

func (t *transactions) left(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.clients, key)
}

// returned tells whether an INVITE of ours that waits for its answer came back as it was, by its Via (RFC 3261 §16.3).
func (t *transactions) returned(req *proto.Request) bool {
	vias := req.GetHeaders("Via")
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range vias[min(1, len(vias)):] {
		via, ok := h.(*proto.ViaHeader)
		if !ok {
			continue
		}
		for _, tx := range t.clients {
			sent := tx.invite
			if sent.IsInvite() && sent.Via().Params.GetOr("branch", "") == via.Params.GetOr("branch", "") &&
				sent.Recipient.String() == req.Recipient.String() {
				return true
			}
		}
	}
	return false
}

// serving are the keys of the requests that are being answered, or were so just now.
func (t *transactions) serving() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.servers))
}

func (t *transactions) close() {
	t.mu.Lock()
	clients, servers := make([]*ClientTx, 0, len(t.clients)), make([]*proto.ServerTx, 0, len(t.servers))
	for _, tx := range t.clients {
		clients = append(clients, tx)
	}
	for _, tx := range t.servers {
		servers = append(servers, tx)
	}
	t.mu.Unlock()
	for _, tx := range clients {
		tx.Terminate()
	}
	for _, tx := range servers {
		tx.Terminate()
	}
}

// ClientTx is a request of ours and the reader of its answers.
type ClientTx struct {
	*proto.ClientTx
	conn    proto.Connection
	invite  *proto.Request
	idle    chan struct{} // the reader takes from it between two responses
	refused atomic.Bool   // an INVITE got a final response that is no 2xx
}

// take returns when the reader has done with res.
func (tx *ClientTx) take(res *proto.Response) {
	final := tx.invite.IsInvite() && res.StatusCode >= 300
	if final && tx.refused.Swap(true) { // our ACK was lost
		tx.conn.WriteMsg(ackOf(tx.invite, res))
		return
	}
	tx.Receive(res)
	select {
	case tx.idle <- struct{}{}:
	case <-tx.Done():
	}
}

var ErrNoAnswer = errors.New("no answer")

// Follow gives each response to f until f has enough, the transaction is over or ctx ends. It must be called, and by
// one goroutine.
func (tx *ClientTx) Follow(ctx context.Context, f func(*proto.Response) (enough bool)) error {
	for {
		select {
		case res := <-tx.Responses():
			if f(res) {
				return nil
			}
		case <-tx.idle:
		case <-tx.Done():
			return ErrNoAnswer
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ackOf confirms a response that is no 2xx, within the transaction of the INVITE (RFC 3261 §17.1.1.3).
func ackOf(invite *proto.Request, res *proto.Response) *proto.Request {
	ack := proto.NewRequest(proto.ACK, invite.Recipient)
	ack.AppendHeader(invite.Via().Clone())
	for _, name := range []string{"Route", "From", "Call-ID", "Max-Forwards"} {
		proto.CopyHeaders(name, invite, ack)
	}
	proto.CopyHeaders("To", res, ack)
	ack.AppendHeader(&proto.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: proto.ACK})
	ack.SetBody(nil)
	ack.SetTransport(invite.Transport())
	ack.SetDestination(res.Source())
	return ack
}

// wayBack is where the answers to req go: over its connection, and over UDP to the port that its Via tells (RFC 3261
// §18.2.2).
func (t *transactions) wayBack(req *proto.Request) (proto.Connection, error) {
	if req.Transport() == "UDP" {
		udp := t.to.udp()
		if udp == nil {
			return nil, errors.New("no UDP here")
		}
		return &udpAnswers{udp, net.UDPAddrFromAddrPort(answersTo(req))}, nil
	}
	if Socketed(req.Transport()) {
		return t.to.socket(req.Transport(), req.Source())
	}
	return t.net.GetConnection(req.Transport(), req.Source())
}

// udpAnswers writes to one peer from the listener's socket.
type udpAnswers struct {
	from *udpListener
	to   *net.UDPAddr
}

func (u *udpAnswers) LocalAddr() net.Addr { return u.from.Conn.LocalAddr() }

func (u *udpAnswers) WriteMsg(m proto.Message) error {
	_, err := u.from.Conn.WriteToUDP([]byte(m.String()), u.to)
	return err
}

func (u *udpAnswers) Ref(int) int            { return 1 }
func (u *udpAnswers) TryClose() (int, error) { return 1, nil }
func (u *udpAnswers) Close() error           { return nil }
