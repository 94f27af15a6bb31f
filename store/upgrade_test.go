package store_test

import (
	"slices"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// What an older version wrote is made findable by a job that the upgrade leaves; a fresh database has nothing to do.
func TestUpgradeLeavesItsJobs(t *testing.T) {
	statements := []string{
		`INSERT INTO search_word (entity_kind, word, entity_id) VALUES ('contact', CAST('popescu' AS BYTEA), '1')`,
		`INSERT INTO mailbox (id, address, name, quota, used, validity, created_at) VALUES ('b', 'a@b.test', '', 0, 0, 1, 0)`,
		`INSERT INTO mail_folder (id, mailbox, name, special_use, uid_validity, uid_next, modseq, total, unseen, subscribed) VALUES ('f', 'b', 'INBOX', '', 1, 2, 1, 1, 1, TRUE)`,
		`INSERT INTO mail_message (id, mailbox, folder, uid, modseq, thread, blob, size, received_at, sent_at, message_id, from_name, from_address, to_list, cc_list, subject, snippet,
			search, seen, flagged, answered, draft, deleted, keywords, outgoing, auto, attachments, junk, verdict, envelope_from, envelope_to, helo, remote_ip)
			VALUES ('m', 'b', 'f', 1, 1, 't', 'x', 1, 0, 0, '', '', '', '[]', '[]', '', '', '', FALSE, FALSE, FALSE, FALSE, FALSE, '', FALSE, FALSE, 0, FALSE, '{}', '', '', '', '')`,
		`INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address, line, user_id, due_at, verified, waiting, several, source)
			VALUES ('t', 'task', 'task', NULL, '', FALSE, 0, 0, 'open', '', '', '', '', '', 0, FALSE, TRUE, FALSE, '')`,
	}
	for engine, url := range map[string]func(testing.TB) string{"sqlite": sqliteURL,
		"postgres": func(t testing.TB) string { return storetest.PostgresURL(t) }} {
		t.Run(engine, func(t *testing.T) {
			for name, c := range map[string]struct {
				written,
				jobs []string
			}{"older": {statements, []string{"crm.parts", "crm.waiting", "mail.search", "mail.search",
				"mail.search"}}, "fresh": {nil, nil}} {
				db, err := store.OpenAt(t.Context(), url(t), 86, c.written...)
				if err != nil {
					t.Fatal(name, err)
				}
				defer db.Close()
				var jobs []string
				rows, err := db.Query(t.Context(), "SELECT kind FROM job WHERE state = 'ready' ORDER BY kind")
				if err != nil {
					t.Fatal(err)
				}
				defer rows.Close()
				for rows.Next() {
					kind := ""
					if err := rows.Scan(&kind); err != nil {
						t.Fatal(err)
					}
					jobs = append(jobs, kind)
				}
				if !slices.Equal(jobs, c.jobs) {
					t.Errorf("%s: %v, want %v", name, jobs, c.jobs)
				}
			}
		})
	}
}
