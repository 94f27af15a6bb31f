package mailapi

import (
	"strings"
	"testing"
)

func TestDownloadNames(t *testing.T) {
	for name, want := range map[string]string{
		"offer.pdf":       `attachment; filename=offer.pdf`,
		"două oferte.pdf": `attachment; filename*=utf-8''dou%C4%83%20oferte.pdf`,
		"":                `attachment; filename=attachment`,
		"a\"\r\nX: y":     `attachment; filename="attachment"`,
	} {
		if got := disposition(name); got != want &&
			!(strings.HasPrefix(got, "attachment") && !strings.ContainsAny(got, "\r\n")) {
			t.Errorf("%q: %s", name, got)
		}
	}
}
