package guard

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Seal keeps secrets that this program has to say to others, such as passwords of mailboxes elsewhere, unreadable for
// whoever gets hold of the database or of a copy of it (AES-256-GCM).
type Seal struct {
	aead cipher.AEAD
	name string // of the key, so that a wrong one is told from broken text
}

// ErrKey says that something was sealed with another key.
var ErrKey = errors.New("sealed with another key: set the same secret on all nodes, the one it was sealed with")

// NewSeal makes a key of a secret of any length.
func NewSeal(secret string) *Seal {
	key := sha256.Sum256([]byte("frontdesk seal " + secret))
	name := sha256.Sum256(key[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return &Seal{aead: aead, name: hex.EncodeToString(name[:4])}
}

// OpenSeal reads the secret of a file, which it makes when there is none.
func OpenSeal(path string) (*Seal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(rand.Text() + "\n")
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("the key of sealed secrets: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the key of sealed secrets: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if len(secret) < 16 {
		return nil, fmt.Errorf("the key of sealed secrets: %s is too short", path)
	}
	return NewSeal(secret), nil
}

// Close seals a text. It opens only for the same purpose, so that no sealed text can be put in another one's place.
func (s *Seal) Close(purpose string, text []byte) string {
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce) // never fails
	sealed := s.aead.Seal(nonce, nonce, text, []byte(purpose))
	return s.name + "." + base64.RawURLEncoding.EncodeToString(sealed)
}

// Open undoes Close. ErrKey when it was sealed with another key.
func (s *Seal) Open(purpose, sealed string) ([]byte, error) {
	name, rest, ok := strings.Cut(sealed, ".")
	if ok && name != s.name {
		return nil, ErrKey
	}
	data, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil || len(data) < s.aead.NonceSize() {
		return nil, errors.New("this is no sealed text")
	}
	n := s.aead.NonceSize()
	text, err := s.aead.Open(nil, data[:n], data[n:], []byte(purpose))
	if err != nil {
		return nil, errors.New("the sealed text was changed")
	}
	return text, nil
}
