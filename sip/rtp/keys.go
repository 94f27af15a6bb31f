package rtp

// wants tells whether m is encrypted between us: its profile is, or both sides like to (RFC 8643 §3.1).
func (l *Session) wants(m *Medium) bool {
	return !m.web() && len(m.cryptos) > 0 && (m.encrypted() || l.Encrypt >= Offered)
}

// offeredKeys are the profile and the key lines of an offer. Once encrypted, a session stays so.
func (l *Session) offeredKeys() (profile, lines string) {
	profile = l.profile
	if l.Encrypt == Required {
		profile = "RTP/SAVP"
	}
	if l.Encrypt < Offered && profile != "RTP/SAVP" && profile != "RTP/SAVPF" {
		return profile, ""
	}
	for _, c := range l.own[:offeredSuites] {
		lines += c.line()
	}
	return profile, lines
}

// answeredKey is the key line of an answer to m: the first of its suites that we speak, with our key.
func (l *Session) answeredKey(m *Medium) string {
	if !l.wants(m) {
		return ""
	}
	own := l.key(m.cryptos[0].suite)
	own.tag = m.cryptos[0].tag
	return own.line()
}

func (l *Session) key(s suite) crypto {
	for _, c := range l.own {
		if c.name == s.name {
			return c
		}
	}
	return crypto{}
}

// Keys are those of the sound with m, the peer's offer or its answer to ours.
func (l *Session) Keys(m *Medium) Keys {
	if !l.wants(m) {
		return Keys{}
	}
	c := m.cryptos[0]
	return Keys{profile: c.profile, key: c.suite.key, in: c.master, out: l.key(c.suite).master}
}
