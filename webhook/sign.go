package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Secrets begin so, for libraries and scanners to know them.
const secretPrefix = "whsec_"

func newSecret() string {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return secretPrefix + encode(key)
}

// sign is the value of Webhook-Signature.
func sign(secret, text string) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return "", fmt.Errorf("the secret is broken: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return "v1," + encode(mac.Sum(nil)), nil
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
