package rtp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Bounds of what a description may make us look up.
const (
	maxNames    = 4               // looked up for one description
	lookupLimit = 2 * time.Second // for all of them
)

// Addressed is a description with addresses in place of the host names in its c= lines (RFC 8866 §5.7). A name that is
// not known stays.
func Addressed(ctx context.Context, sdp []byte) []byte {
	if !bytes.Contains(sdp, []byte("c=")) || len(sdp) > maxSDP {
		return sdp
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	var b bytes.Buffer
	names := 0
	for line := range bytes.Lines(sdp) {
		f := strings.Fields(string(line))
		if len(f) == 3 && f[0] == "c=IN" && named(f[2]) && names < maxNames {
			names++
			if addr, ok := lookUp(ctx, f[1], f[2]); ok {
				line = fmt.Appendf(nil, "c=IN %s %s\r\n", family(addr), addr)
			}
		}
		b.Write(line)
	}
	return b.Bytes()
}

func named(host string) bool {
	host, _, _ = strings.Cut(host, "/")
	_, err := netip.ParseAddr(host)
	return err != nil
}

// lookUp prefers addresses of the family that is told.
func lookUp(ctx context.Context, told, host string) (netip.Addr, bool) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		return netip.Addr{}, false
	}
	for _, a := range addrs {
		if family(a.Unmap()) == told {
			return a.Unmap(), true
		}
	}
	return addrs[0].Unmap(), true
}

func family(addr netip.Addr) string {
	if addr.Is6() {
		return "IP6"
	}
	return "IP4"
}

// ErrUnknownHost is a name in a description that could not be looked up.
var ErrUnknownHost = errors.New("host of the media is not known")
