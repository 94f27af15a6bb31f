package main

import (
	"path/filepath"

	"frontdesk/cmd/frontdesk/certificate"
	"frontdesk/guard"
)

// certificate is what the file says of the server's certificate.
func (c *Config) certificate() certificate.Config {
	return certificate.Config{Cert: c.TLS.Cert, Key: c.TLS.Key, Data: c.Data, Hostname: c.Mail.Hostname}
}

// sealKey is the file in the data folder with the secret that seals others' passwords, where the configuration names
// none.
const sealKey = "secret.key"

// seal is what keeps others' passwords in the database.
func (c *Config) seal() (*guard.Seal, error) {
	if c.Secret != "" {
		return guard.NewSeal(c.Secret), nil
	}
	return guard.OpenSeal(filepath.Join(c.Data, sealKey))
}
