// Package straight is what it takes that a browser's packets go between the socket and who hears them without pion: the
// keys (RFC 5764), and who is told what is reported.
package straight

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/srtp/v3"
	pion "github.com/pion/webrtc/v4"
)

// Secrets are what a handshake of ours, as the DTLS server, agrees on. pion shows them to nobody, so they are taken
// where it lets one look on: the ServerHello that it sends, and its key log, which never leaves this process.
type Secrets struct {
	mu     sync.Mutex
	hello  handshake.MessageServerHello
	client []byte // random
	master []byte
}

// Watch has a peer connection that is made with the settings tell its secrets.
func (s *Secrets) Watch(settings *pion.SettingEngine) {
	settings.SetDTLSServerHelloMessageHook(func(m handshake.MessageServerHello) handshake.Message {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hello = m
		return &m
	})
	settings.SetDTLSKeyLogWriter(s)
}

// Write takes a line of the key log: "CLIENT_RANDOM", the random, the master secret.
func (s *Secrets) Write(line []byte) (int, error) {
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != "CLIENT_RANDOM" {
		return len(line), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client, _ = hex.DecodeString(string(fields[1]))
	s.master, _ = hex.DecodeString(string(fields[2]))
	return len(line), nil
}

var errNoSecrets = errors.New("the handshake told no keys")

// Contexts are what opens the client's SRTP and what seals ours, once the handshake is over.
func (s *Secrets) Contexts() (open, seal *srtp.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	profile, ok := s.profile()
	if s.master == nil || s.hello.CipherSuiteID == nil || !ok {
		return nil, nil, errNoSecrets
	}
	keys := srtp.Config{Profile: profile}
	if err = keys.ExtractSessionKeysFromDTLS(s, false); err != nil {
		return nil, nil, err
	}
	open, err = srtp.CreateContext(keys.Keys.RemoteMasterKey, keys.Keys.RemoteMasterSalt, profile,
		srtp.SRTPReplayProtection(ReplayWindow), srtp.SRTCPReplayProtection(ReplayWindow),
		srtp.Cryptex(srtp.CryptexModeEnabled))
	if err != nil {
		return nil, nil, err
	}
	seal, err = srtp.CreateContext(keys.Keys.LocalMasterKey, keys.Keys.LocalMasterSalt, profile)
	return open, seal, err
}

// ReplayWindow is how many packets back it is known which ones came (RFC 3711 §3.3.2).
const ReplayWindow = 64

// profile is that of SRTP.
func (s *Secrets) profile() (srtp.ProtectionProfile, bool) {
	for _, e := range s.hello.Extensions {
		if use, ok := e.(*extension.UseSRTP); ok && len(use.ProtectionProfiles) == 1 &&
			len(use.MasterKeyIdentifier) == 0 {
			return srtp.ProtectionProfile(use.ProtectionProfiles[0]), true
		}
	}
	return 0, false
}

// ExportKeyingMaterial implements srtp.KeyingMaterialExporter (RFC 5705 §4).
func (s *Secrets) ExportKeyingMaterial(label string, context []byte, length int) ([]byte, error) {
	if len(context) > 0 {
		return nil, fmt.Errorf("%w for a context", errNoSecrets)
	}
	server := s.hello.Random.MarshalFixed()
	seed := append(append([]byte(label), s.client...), server[:]...)
	return prf.PHash(s.master, seed, length, hashOf(dtls.CipherSuiteID(*s.hello.CipherSuiteID)))
}

// hashOf is the hash of a cipher suite's pseudorandom function (RFC 5246 §5, RFC 5289 §3).
func hashOf(suite dtls.CipherSuiteID) func() hash.Hash {
	switch suite {
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, dtls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:
		return sha512.New384
	}
	return sha256.New
}
