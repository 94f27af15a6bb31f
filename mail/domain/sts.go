package domain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/mjl-/mox/mtasts"
)

// Modes of MTA-STS (RFC 8461 section 5).
const (
	STSNone    = "none"    // there is no policy
	STSTesting = "testing" // who fails to keep it reports, and delivers all the same
	STSEnforce = "enforce" // mail comes encrypted to our server, or not at all
)

// PolicyHost is the name whose https server has a domain's policy.
func PolicyHost(domain string) string { return "mta-sts." + domain }

// PolicyPath is where it has it (RFC 8461 section 3.3).
const PolicyPath = "/.well-known/mta-sts.txt"

// Policy is the text of a domain's MTA-STS policy, with the server that takes its mail; "" when it has none.
func (d Domain) Policy(host string) string {
	if d.STS == STSNone || d.STS == "" {
		return ""
	}
	age := 7 * 24 * 3600
	if d.STS == STSTesting {
		age = 24 * 3600
	}
	return fmt.Sprintf("version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: %d\r\n", d.STS, host, age)
}

// policyRecord is the TXT record that tells of a policy; its id changes with the policy.
func policyRecord(policy string) string {
	sum := sha256.Sum256([]byte(policy))
	return "v=STSv1; id=" + hex.EncodeToString(sum[:])[:20]
}

// SetSTS changes the mode of a domain's MTA-STS policy. store.ErrNotFound.
func (b *Book) SetSTS(ctx context.Context, name, mode string) (Domain, error) {
	if mode != STSNone && mode != STSTesting && mode != STSEnforce {
		return Domain{}, fmt.Errorf("mode %q: %w", mode, ErrInvalid)
	}
	_, err := b.db.Exec(ctx, `UPDATE mail_domain SET sts_mode = $1 WHERE name = $2`, mode, strings.ToLower(name))
	if err != nil {
		return Domain{}, err
	}
	return b.Domain(ctx, name)
}

// maxPolicy is how much of a policy is read, in bytes.
const maxPolicy = 64 << 10

// fetchPolicy asks for a policy as other servers do: without following redirects (RFC 8461 section 3.3).
func fetchPolicy(ctx context.Context, client *http.Client, domain string) (*mtasts.Policy, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+PolicyHost(domain)+PolicyPath, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", answer.Status)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxPolicy))
	if err != nil {
		return nil, err
	}
	return mtasts.ParsePolicy(string(text))
}
