package load

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"golang.org/x/sys/unix"
)

const (
	mostSize = 1400
	room     = 1 << 20 // bytes that may wait for a party: the generator may be late
	lead     = 2       // bytes of a payload before ours: those of a VP8 picture that is no keyframe (RFC 7741 §4.2)
	stampAt  = lead
	windowAt = stampAt + 8
	ours     = windowAt + 1
)

// Party is a phone or a browser: a socket of its own and, when it talks, a stream.
type Party struct {
	Addr  netip.AddrPort
	Alive []byte // is sent from time to time: a browser's check that its way is still there; nil: none

	fd       int
	to       unix.RawSockaddrInet4
	seal     *srtp.Context // nil: it sends plain RTP
	open     *srtp.Context // nil: it hears plain RTP
	sent     rtp.Header
	received rtp.Header

	talk  Talk
	phase time.Duration
	plain [mostSize]byte
	wire  [mostSize + 64]byte
}

// Talk is a stream of RTP.
type Talk struct {
	Type    uint8
	SSRC    uint32
	Every   time.Duration // as its clock ticks
	Packets int           // that go out together then
	Size    int           // of each, with its header
	Step    uint32        // of the time stamp

	Keyframes bool // of VP8: each packet looks like the first of one
}

// Sound is G.711 in the A-law.
func Sound() Talk {
	return Talk{Type: 8, SSRC: rand.Uint32(), Every: 20 * time.Millisecond, Packets: 1, Size: 12 + 160, Step: 160}
}

// NewParty binds a socket of 127.0.0.1.
func NewParty() (*Party, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
	if err != nil {
		return nil, err
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room) != nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, room)
	}
	at, err := unix.Getsockname(fd)
	if err != nil {
		return nil, err
	}
	return &Party{fd: fd, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}),
		uint16(at.(*unix.SockaddrInet4).Port))}, nil
}

// Conn is the socket for the time until the generator runs. It is to be closed before.
func (p *Party) Conn() (net.PacketConn, error) {
	fd, err := unix.FcntlInt(uintptr(p.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "party")
	defer file.Close()
	return net.FilePacketConn(file)
}

// Send says where what the party sends goes.
func (p *Party) Send(to netip.AddrPort) {
	p.to = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: to.Port()<<8 | to.Port()>>8, Addr: to.Addr().As4()}
}

// Secure has the party speak SRTP: it seals what it sends and opens what it hears.
func (p *Party) Secure(seal, open *srtp.Context) { p.seal, p.open = seal, open }

// Talk has the party send, from a random moment on.
func (p *Party) Talk(t Talk) {
	p.talk, p.phase = t, rand.N(t.Every)
	p.plain[0], p.plain[1] = 0x80, t.Type
	binary.BigEndian.PutUint32(p.plain[8:], t.SSRC)
	if p.plain[12], p.plain[13] = 0x10, 1; t.Keyframes { // see lead
		p.plain[13] = 0
	}
}

// tick sends what is due, and tells how many packets of a window went.
func (p *Party) tick(window byte) (packets int) {
	data := p.plain[:p.talk.Size]
	binary.BigEndian.PutUint32(data[4:], binary.BigEndian.Uint32(data[4:])+p.talk.Step)
	for i := range p.talk.Packets {
		binary.BigEndian.PutUint16(data[2:], binary.BigEndian.Uint16(data[2:])+1)
		data[1] = p.talk.Type
		if p.talk.Packets > 1 && i == p.talk.Packets-1 {
			data[1] |= 0x80 // the end of the picture
		}
		binary.BigEndian.PutUint64(data[12+stampAt:], uint64(time.Now().UnixNano()))
		data[12+windowAt] = window
		p.emit(p.sealed(data))
	}
	if window == 0 {
		return 0
	}
	return p.talk.Packets
}

func (p *Party) sealed(data []byte) []byte {
	if p.seal == nil {
		return data
	}
	wire, err := p.seal.EncryptRTP(p.wire[:0], data, &p.sent)
	if err != nil {
		panic(err)
	}
	return wire
}

func (p *Party) emit(data []byte) {
	unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd), uintptr(unsafe.Pointer(unsafe.SliceData(data))),
		uintptr(len(data)), 0, uintptr(unsafe.Pointer(&p.to)), unix.SizeofSockaddrInet4)
}

// payload is that of a packet that was heard; nil when it is none.
func (p *Party) payload(data []byte) []byte {
	if len(data) < 12 || data[0]>>6 != 2 || data[1] >= 192 && data[1] <= 223 {
		return nil // STUN, DTLS or RTCP (RFC 7983 §7, RFC 5761 §4)
	}
	if p.open != nil {
		plain, err := p.open.DecryptRTP(data[:0], data, &p.received)
		if err != nil {
			return nil
		}
		data = plain
	}
	n, err := p.received.Unmarshal(data)
	if err != nil || len(data)-n < ours {
		return nil
	}
	return data[n:]
}

// drain tells of each packet of a window that came, how long it took.
func (p *Party) drain(tell func(took int64)) {
	var data [2000]byte
	var control [64]byte
	vec := unix.Iovec{Base: &data[0], Len: uint64(len(data))}
	for {
		msg := unix.Msghdr{Iov: &vec, Iovlen: 1, Control: &control[0], Controllen: uint64(len(control))}
		n, _, err := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(p.fd), uintptr(unsafe.Pointer(&msg)), 0)
		if err != 0 {
			return
		}
		if payload := p.payload(data[:n]); payload != nil && payload[windowAt] != 0 {
			came := (*unix.Timespec)(unsafe.Pointer(&control[unix.CmsgLen(0)]))
			tell(came.Nano() - int64(binary.BigEndian.Uint64(payload[stampAt:])))
		}
	}
}
