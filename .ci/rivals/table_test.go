package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	var table strings.Builder
	print(&table, read([]byte(`goos: linux
BenchmarkRelay/100_calls-2   	       1	         8.200 cpu-µs/packet	         1.600 p99-ms
BenchmarkRelay/100_calls_in_rtpengine-2   	1	16.40 cpu-µs/packet
BenchmarkCalls/100_calls_of_AEAD_AES_256_GCM-2 	1	10.2 cpu-µs/packet
BenchmarkMail/postgres/10000_clients-2	1	  812.3 complete/s	0.9500 postgres-cpu-ms/mail
BenchmarkMail/postfix_and_dovecot-2	1	  437 complete/s
PASS
`)))
	for _, want := range []string{
		"| phone ↔ phone, 100 calls, µs a packet; rtpengine | 8.2 |  | 16.4 | 0.50 | ≤ 15, half |\n",
		"| phone ↔ browser, 100 calls, AEAD_AES_256_GCM, µs a packet; rtpengine | 10.2 |  |  |  | ≤ 18 or 24, half |\n",
		"| mails/s on a timeline, 10000 clients; Postfix and Dovecot |  | 812 | 437 |  | ≥ 1,000, double |\n",
		"| ms CPU in PostgreSQL |  | 0.95 |  |  |  |\n",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("%snot in\n%s", want, table.String())
		}
	}
	if strings.Count(table.String(), "\n") != 7 {
		t.Errorf("lines of what was not measured:\n%s", table.String())
	}
}
