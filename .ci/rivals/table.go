package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// row is a line of the table: a metric of benchmarks.
type row struct {
	what, unit            string
	ours, postgres, rival string // benchmarks
	aim                   string
}

func rows() (list []row) {
	for _, calls := range []string{"50", "100", "250"} {
		name := "Relay/" + calls + " calls"
		list = append(list, row{"phone ↔ phone, " + calls + " calls, µs a packet; rtpengine", "cpu-µs/packet", name, "",
			name + " in rtpengine", "≤ 15, half"})
	}
	list = append(list, row{"the same, 100 calls: delay added, p99, ms", "p99-ms", "Relay/100 calls", "",
		"Relay/100 calls in rtpengine", "≤ 2"})
	for _, suite := range []string{"AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_80"} {
		name := "Calls/100 calls of " + suite
		list = append(list, row{"phone ↔ browser, 100 calls, " + suite + ", µs a packet; rtpengine", "cpu-µs/packet", name,
			"", name + " in rtpengine", "≤ 18 or 24, half"})
	}
	list = append(list,
		row{"meeting 4 → 40, µs a packet out; LiveKit", "cpu-µs/packet", "Meeting/4 to 40", "", "Meeting/4 to 40 in LiveKit",
			"≤ 9, half"},
		row{"who watches four, KB", "KB/listener", "Meeting/4 to 40", "", "", "≤ 150"},
		row{"phone's call set up, at 400/s, ms CPU", "cpu-ms/call", "Calls/sqlite/400", "Calls/postgres/400", "", "≤ 2"},
		row{"the same: transactions", "commits/call", "Calls/sqlite/400", "Calls/postgres/400", "", "≤ 4"},
		row{"the same: calls/s", "calls/s", "Calls/sqlite/400", "Calls/postgres/400", "", "≥ 400"},
		row{"the same: failed of 10,000", "failed", "Calls/sqlite/400", "Calls/postgres/400", "", "0"})
	for _, senders := range []string{"one client of 10 entries", "one client of 100000 entries", "10000 clients"} {
		ours, theirs := "Mail/sqlite/"+senders, "Mail/postgres/"+senders
		list = append(list,
			row{"mails/s on a timeline, " + senders + "; Postfix and Dovecot", "complete/s", ours, theirs,
				"Mail/postfix and dovecot", "≥ 1,000, double"},
			row{"ms CPU for each", "cpu-ms/mail", ours, theirs, "Mail/postfix and dovecot", "half"},
			row{"ms CPU in PostgreSQL", "postgres-cpu-ms/mail", "", theirs, "", ""})
	}
	for _, name := range []string{"flags", "envelope", "headers", "structure", "subject", "from", "status"} {
		list = append(list, row{"IMAP " + name + " of 3,000, ms CPU; Dovecot", "cpu-ms", "IMAP/sqlite/" + name,
			"IMAP/postgres/" + name, "IMAP/dovecot/" + name, "≤ Dovecot's"})
	}
	return append(list,
		row{"IDLE: notice p99, ms; Dovecot", "notice-p99-ms", "Idle/sqlite", "Idle/postgres", "Idle/dovecot", "≤ 50"},
		row{"IDLE: KB a connection; Dovecot", "KB/connection", "Idle/sqlite", "Idle/postgres", "Idle/dovecot", "≤ 100"})
}

// said is what benchmarks said: by name and unit.
type said map[string]map[string]float64

var result = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.+)$`)

func read(text []byte) said {
	all := said{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		found := result.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		units, fields := map[string]float64{}, strings.Fields(found[2])
		for i := 0; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				units[fields[i+1]] = value
			}
		}
		all[strings.ReplaceAll(found[1], "_", " ")] = units
	}
	return all
}

// figure is a metric of a benchmark as people read it; "" where it was not measured.
func (s said) figure(name, unit string) (value float64, text string) {
	value, known := s[strings.ReplaceAll(name, "_", " ")][unit]
	switch {
	case !known:
		return 0, ""
	case value >= 100 || value == float64(int(value)):
		return value, strconv.FormatFloat(value, 'f', 0, 64)
	}
	return value, strconv.FormatFloat(value, 'g', 3, 64)
}

func print(w io.Writer, s said) {
	fmt.Fprint(w, "| | Frontdesk | on PostgreSQL | rival | ratio | aim |\n|---|---|---|---|---|---|\n")
	for _, r := range rows() {
		ours, text := s.figure(r.ours, r.unit)
		_, postgres := s.figure(r.postgres, r.unit)
		theirs, rival := s.figure(r.rival, r.unit)
		if text+postgres == "" {
			continue
		}
		ratio := ""
		if ours != 0 && theirs != 0 {
			ratio = strconv.FormatFloat(ours/theirs, 'f', 2, 64)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", r.what, text, postgres, rival, ratio, r.aim)
	}
}
