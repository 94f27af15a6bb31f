package crmcore

import (
	"testing"
	"time"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/record"
	"frontdesk/store/query"
)

// With a person who is taken out of the bin goes what he said in calls; not what stands with somebody else, too.
func TestADeletedPersonIsForgotten(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", "+40722000001")
		for _, key := range []string{"c1", "c2"} {
			call := o.call(key, "+40722000001")
			call.Source = key
			o.receive(call)
		}
		ion := o.contact("Ion", "+40722000002")
		var both string
		o.must(o.db.QueryRow(o.ctx, `SELECT id FROM activity WHERE source = 'c2'`).Scan(&both))
		_, err := o.db.Exec(o.ctx, `INSERT INTO activity_entity (entity_kind, entity_id, at, activity) VALUES ('contact', $1, 1, $2)`,
			ion.ID, both)
		o.must(err)
		forgotten := func() []string {
			all, err := query.All(o.ctx, o.db, query.Text,
				query.New(`SELECT payload FROM job WHERE kind = ? ORDER BY id`, bin.ForgottenJob))
			o.must(err)
			return all
		}
		o.must(o.Delete(o.ctx, o.root, record.Contact.Ref(ana.ID)))
		o.must(bin.Empty(o.ctx, o.db, time.Now().Add(-time.Hour)))
		if all := forgotten(); len(all) != 0 {
			o.Errorf("forgotten while she is in the bin: %q", all)
		}
		o.must(bin.Empty(o.ctx, o.db, time.Now().Add(time.Hour)))
		if all := forgotten(); len(all) != 1 || all[0] != `{"calls":["c1"]}` {
			o.Errorf("of Ana: %q", all)
		}
		o.must(o.Delete(o.ctx, o.root, record.Contact.Ref(ion.ID)))
		o.must(bin.Empty(o.ctx, o.db, time.Now().Add(time.Hour)))
		if all := forgotten(); len(all) != 2 || all[1] != `{"calls":["c2"]}` {
			o.Errorf("of Ion: %q", all)
		}
	})
}
