package crmcore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/match"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

const (
	maxKey     = 256 // bytes, longer ones are hashed
	maxSnippet = 2000
	maxUsers   = 50
	maxReply   = 50 // Message-IDs that one mail continues
)

// prepare checks a touch and asks whether the client is ourselves.
func (c *Core) prepare(ctx context.Context, t Touch) (Touch, error) {
	t, err := t.normal()
	if err == nil {
		t.own, err = c.cfg.Own(ctx, t.Client)
	}
	return t, err
}

// normal checks a touch and bounds what a stranger may have put into it.
func (t Touch) normal() (Touch, error) {
	t.Phase = cmp.Or(t.Phase, timeline.Ended)
	_, known := timeline.Policies()[t.Channel]
	switch {
	case !known:
		return t, input.Refuse("channel", "is "+timeline.ChannelNames())
	case t.Phase != timeline.Began && t.Phase != timeline.Answered && t.Phase != timeline.Ended:
		return t, input.Refuse("phase", "is began, answered or ended")
	case t.Key == "":
		return t, input.Refuse("key", "is missing")
	}
	t.Key, t.MessageID, t.Reply = shortKey(t.Key), shortKey(t.MessageID), shortKeys(t.Reply)
	t.Name, t.Line, t.Subject = plain(t.Name, input.MaxName), plain(t.Line, address.MaxRaw), plain(t.Subject,
		input.MaxTitle)
	t.Snippet, t.Source, t.Outcome = plain(t.Snippet, maxSnippet), plain(t.Source, address.MaxRaw), plain(t.Outcome, 50)
	t.Client.Raw, t.Client.Value = plain(t.Client.Raw, address.MaxRaw), plain(t.Client.Value, address.MaxRaw)
	if address.Digits(t.Name) != "" && address.Digits(t.Name) == address.Digits(t.Client.Show()) {
		t.Name = "" // many trunks repeat the number as the name
	}
	if t.At.IsZero() {
		t.At = store.Now()
	}
	t.Users, t.About, t.Guests = first(maxUsers, t.Users), first(match.MaxLinks, t.About),
		first(match.MaxLinks, t.Guests)
	return t, nil
}

// shortKey keeps a key as it is, or its hash when it is longer than an index likes.
func shortKey(key string) string {
	if len(key) <= maxKey {
		return plain(key, maxKey)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// shortKeys is shortKey for the first of many, without those that are empty.
func shortKeys(keys []string) []string {
	var out []string
	for _, key := range keys[:min(len(keys), maxReply)] {
		if key = shortKey(key); key != "" {
			out = append(out, key)
		}
	}
	return out
}

// plain makes foreign text safe to keep: valid, without control characters, at most n bytes.
func plain(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return fold.Clip(strings.TrimSpace(s), n)
}
