package rtp

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"
)

// Keys of SRTP in descriptions (SDES, RFC 4568): each side tells what it seals with, so whoever reads the signalling
// can open the sound. That is why they belong over TLS.

// Encryption is whether the sound of a leg is encrypted.
type Encryption int

const (
	Plain    Encryption = iota // never
	Taken                      // where the peer offers it
	Offered                    // and we offer it: who doesn't know it leaves it out (RFC 8643)
	Required                   // or there is no call
)

// suite is a crypto suite (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2).
type suite struct {
	name      string
	profile   srtp.ProtectionProfile
	key, salt int // bytes
}

// suites are those that we speak, the cheapest of the good ones first.
func suites() []suite {
	return []suite{
		{"AEAD_AES_128_GCM", srtp.ProtectionProfileAeadAes128Gcm, 16, 12},
		{"AES_CM_128_HMAC_SHA1_80", srtp.ProtectionProfileAes128CmHmacSha1_80, 16, 14},
		{"AES_CM_128_HMAC_SHA1_32", srtp.ProtectionProfileAes128CmHmacSha1_32, 16, 14},
		{"AEAD_AES_256_GCM", srtp.ProtectionProfileAeadAes256Gcm, 32, 12},
		{"AES_256_CM_HMAC_SHA1_80", srtp.ProtectionProfileAes256CmHmacSha1_80, 32, 14},
	}
}

// offeredSuites of them we offer.
const offeredSuites = 3

// crypto is one way to encrypt that a description names.
type crypto struct {
	tag string
	suite
	master string // key and salt, as they are: never to be logged
}

const maxCryptos = 16 // of a medium

// parseCrypto reads an a=crypto line. Not ok: one that we can't do, such as one with several keys or with parameters
// that change what is sent (RFC 4568 §6.3).
func parseCrypto(value string) (c crypto, ok bool) {
	f := strings.Fields(value)
	if len(f) < 3 || len(f[0]) > 9 || strings.Trim(f[0], "0123456789") != "" {
		return c, false
	}
	for _, session := range f[3:] {
		if !strings.HasPrefix(session, "WSH=") {
			return c, false
		}
	}
	params := strings.Split(f[2], "|")
	inline, found := strings.CutPrefix(params[0], "inline:")
	if !found || len(params) > 2 || len(params) == 2 && strings.Contains(params[1], ":") { // with an MKI
		return c, false
	}
	master, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(inline, "="))
	for _, s := range suites() {
		if strings.EqualFold(s.name, f[1]) && err == nil && len(master) == s.key+s.salt {
			return crypto{f[0], s, string(master)}, true
		}
	}
	return c, false
}

func (c crypto) line() string {
	return fmt.Sprintf("a=crypto:%s %s inline:%s\r\n", c.tag, c.name,
		base64.StdEncoding.EncodeToString([]byte(c.master)))
}

// ownCryptos are new keys of ours, one for each suite.
func ownCryptos() (list []crypto) {
	for i, s := range suites() {
		master := make([]byte, s.key+s.salt)
		rand.Read(master)
		list = append(list, crypto{strconv.Itoa(i + 1), s, string(master)})
	}
	return list
}
